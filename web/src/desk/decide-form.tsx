import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, asApiError, get, post, session, useAction } from "../api";
import { useCell } from "../cell";
import { date, isLanguage, nameOf, number, useLanguage, useTexts } from "../i18n";
import type { Action, CaseFull, Cluster, Decision, DecisionInput, Language } from "../types";
import {
  Button,
  CheckField,
  ErrorNote,
  Field,
  Keys,
  Note,
  RadioField,
  SelectField,
  TextArea,
  TextField,
  useKeys,
} from "../ui";
import { DecisionCard } from "./decision-card";
import { draftRead, draftWrite, useDraft } from "./draft";
import {
  ACTIONS,
  ARTICLE_MAX,
  DAY_MS,
  EU,
  GROUNDS,
  SECOND_ALWAYS,
  TEXT_MAX,
  WITHHOLD_DAYS_MAX,
} from "./lists";
import { toastDecided } from "./undo";
import { iso, word } from "./words";

// What the reviewer decides of one group. All of it is a draft in this tab until the node has taken it.
export interface Draft {
  actions: Action[];
  preset: string;
  article: string;
  text: string;
  territory: string;
  duration: string;
  opinion: "" | "confirm" | "dispute";
  withhold: boolean;
  authority: string;
  withholdGround: string;
  withholdUntil: string;
  language: string;
}

const EMPTY: Draft = {
  actions: [],
  preset: "",
  article: "",
  text: "",
  territory: "",
  duration: "0",
  opinion: "",
  withhold: false,
  authority: "",
  withholdGround: "",
  withholdUntil: "",
  language: "",
};

// Somebody was first: what stands, and what was written meanwhile.
export interface Conflict {
  error: ApiError;
  decision: Decision | null;
  text: string;
}

type Wrong = Partial<
  Record<"actions" | "ground" | "text" | "territory" | "authority" | "withholdGround" | "until", string>
>;

// The day's last moment, in the reviewer's own time.
export const dayEnd = (day: string): number => new Date(day + "T23:59:59").getTime();
export const dayOf = (ms: number): string => {
  const at = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
};

const countries = (text: string): string[] => [
  ...new Set(
    text
      .toUpperCase()
      .split(/[\s,;]+/)
      .filter(Boolean),
  ),
];

export function DecideForm({
  of,
  cluster,
  chosen,
  looked,
  onDone,
  onConflict,
  formRef,
}: {
  of: CaseFull;
  cluster: Cluster;
  chosen: (string | number)[]; // some of its uploads; none: all that are open
  looked: boolean; // pictures were uncovered: the next case then waits
  onDone: (decision: Decision, next: boolean) => void;
  onConflict: (conflict: Conflict) => void; // the case is to be loaded again
  formRef: { current: { submit(): void; focus(): void } | null };
}) {
  const texts = useTexts();
  const t = texts.desk.decide;
  const language = useLanguage();
  const who = useCell(session)?.user?.name ?? "open";
  const what = `decision.${of.id}.${cluster.id}`;
  const [draft, setDraft, forget] = useDraft<Draft>(who, what, EMPTY);
  const [back] = useState(() => draftRead(who, what) !== null);
  const [wrong, setWrong] = useState<Wrong>({});
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [conflict, setConflict] = useState<Decision | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const spoken = statementLanguage(draft, cluster, language);
  const second = of.second_needed || draft.actions.some(action => SECOND_ALWAYS.includes(action));

  const submit = async (next: boolean) => {
    if (busy) return;
    const found = check(draft, t);
    setWrong(found);
    if (Object.keys(found).length) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const body = input(draft, of, cluster, chosen, language);
      const { decision } = await post<{ decision: Decision }>(`/v1/cases/${of.id}/decisions`, body);
      forget();
      setConflict(null);
      toastDecided(decision, () => draftWrite(who, what, draft));
      onDone(decision, next);
    } catch (cause) {
      const failed = asApiError(cause);
      setError(failed);
      if (failed.status === 409) {
        const other = await standing(failed);
        setConflict(other);
        onConflict({ error: failed, decision: other, text: draft.text });
      }
    } finally {
      setBusy(false);
    }
  };
  formRef.current = {
    submit: () => void submit(!looked),
    focus: () => form.current?.querySelector<HTMLElement>("button[aria-pressed]")?.focus(),
  };
  useEffect(() => {
    setWrong({});
    setError(null);
    setConflict(null);
  }, [cluster.id]);
  useEffect(() => () => void (formRef.current = null), []);

  const toggle = (action: Action) => set({ actions: toggled(draft.actions, action) });
  useKeys(
    [
      ...ACTIONS.map((action, at) => ({
        key: String(at + 1),
        text: texts.desk.actions[action],
        run: () => toggle(action),
      })),
      { key: "d", text: texts.desk.keys.decide, run: () => formRef.current?.focus() },
      { key: "Ctrl+Enter", text: texts.desk.keys.submit, run: null },
    ],
    texts.desk.keys.group.decision,
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void submit(!looked);
  };

  if (!of.can.decide) {
    return (
      <Note tone="warn">
        {t.cannot(word(texts.desk.refusals, of.can.decide_why) || texts.desk.refusals.denied)}
      </Note>
    );
  }
  const groups = of.clusters.filter(one => one.id !== cluster.id && one.open_count > 0).length;
  return (
    <form
      class="decide"
      ref={form}
      noValidate
      onKeyDown={onKeyDown}
      onSubmit={event => {
        event.preventDefault();
        void submit(!looked);
      }}
    >
      <p class="scope">
        {chosen.length ? t.scopeSome(chosen.length) : t.scopeGroup(cluster.open_count, number(cluster.id))}
        {groups > 0 && <span class="muted"> {t.scopeOthers(groups)}</span>}
      </p>
      {back && (
        <p class="muted small" role="status">
          {t.draftBack}
        </p>
      )}
      <Actions chosen={draft.actions} toggle={toggle} error={wrong.actions} />
      {second && <Note tone="note">{of.second_needed ? t.secondBank : t.second}</Note>}
      <Ground
        draft={draft}
        set={set}
        wrong={wrong}
        contentClass={of.content_class}
        none={draft.actions[0] === "none"}
        spoken={spoken}
      />
      <details
        class="more"
        open={!!(wrong.territory || wrong.authority || wrong.withholdGround || wrong.until) || undefined}
      >
        <summary>{t.more}</summary>
        <div class="stack">
          <Reach draft={draft} set={set} wrong={wrong} />
          <Opinion of={of} draft={draft} set={set} />
          <SelectField
            label={t.language}
            value={spoken}
            onValue={value => set({ language: value })}
            options={["en", "fr", "ar"].map(value => ({ value, text: nameOf("language", value) }))}
          />
          <Withhold draft={draft} set={set} wrong={wrong} />
        </div>
      </details>
      {error && !conflict && <Refusal error={error} />}
      <Preview draft={draft} make={() => input(draft, of, cluster, chosen, language)} of={of.id} />
      <div class="row submit">
        <Button kind="primary" type="submit" busy={busy}>
          {busy ? t.submitting : looked ? t.submit : t.submitNext}
        </Button>
        {!looked && (
          <Button busy={busy} onClick={() => void submit(false)}>
            {t.submit}
          </Button>
        )}
        <span class="muted small">
          <Keys of="Ctrl+Enter" />
        </span>
      </div>
    </form>
  );
}

// The decision that was first: the refusal names it.
async function standing(error: ApiError): Promise<Decision | null> {
  const told = (error.body as { decision?: Decision } | null)?.decision;
  if (told) return told;
  const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(error.hint)?.[0];
  if (!id) return null;
  return get<{ decision: Decision } | Decision>(`/v1/decisions/${id}`).then(
    answer => ("decision" in answer ? answer.decision : answer),
    () => null,
  );
}

const toggled = (actions: Action[], action: Action): Action[] => {
  if (actions.includes(action)) return actions.filter(one => one !== action);
  if (action === "none") return ["none"];
  return ACTIONS.filter(one => one !== "none" && (actions.includes(one) || one === action));
};

// People are told in the language of what they published, where there is a statement in it.
const statementLanguage = (draft: Draft, cluster: Cluster, own: Language): Language => {
  if (isLanguage(draft.language)) return draft.language;
  const spoken = cluster.language?.slice(0, 2).toLowerCase();
  return isLanguage(spoken) ? spoken : own;
};

// What the person concerned would read, in the node's own words; nothing is stored by asking.
function Preview({ draft, make, of }: { draft: Draft; make: () => DecisionInput; of: number }) {
  const t = useTexts().desk.decide;
  const [shown, setShown] = useState<{ language: string; text: string } | null>(null);
  const ready = draft.actions.some(action => action !== "none") && draft.preset !== "";
  const ask = useAction(async () => {
    const body = { ...make(), withhold: null, entry_opinion: null, preview: true };
    const answer = await post<{ preview: { statement: typeof shown } }>(`/v1/cases/${of}/decisions`, body);
    setShown(answer.preview.statement);
  });
  // What was changed since is not in it.
  useEffect(() => setShown(null), [JSON.stringify(draft)]);
  return (
    <div class="preview">
      <Button small kind="quiet" icon="eye" busy={ask.busy} disabled={!ready} onClick={() => ask.run()}>
        {t.previewShow}
      </Button>
      {ask.error && <Refusal error={ask.error} />}
      <div role="status">
        {shown && (
          <>
            <h3>{t.preview}</h3>
            <blockquote lang={shown.language} dir="auto">
              {shown.text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "…")}
            </blockquote>
          </>
        )}
      </div>
    </div>
  );
}

function check(draft: Draft, t: ReturnType<typeof useTexts>["desk"]["decide"]): Wrong {
  const wrong: Wrong = {};
  if (!draft.actions.length) wrong.actions = t.chooseAction;
  const acts = draft.actions.some(action => action !== "none");
  if (acts && !draft.preset) wrong.ground = t.chooseGround;
  if (acts && draft.preset === "own" && !draft.article.trim()) wrong.ground = t.chooseGround;
  if (acts && !draft.text.trim()) wrong.text = t.chooseText;
  const bad = countries(draft.territory).find(code => !/^[A-Z]{2}$/.test(code));
  if (bad) wrong.territory = t.territoryBad(iso(bad));
  if (draft.withhold) {
    if (!draft.authority.trim()) wrong.authority = t.needAuthority;
    if (!draft.withholdGround.trim()) wrong.withholdGround = t.needGround;
    const until = draft.withholdUntil ? dayEnd(draft.withholdUntil) : 0;
    if (!(until > Date.now() && until <= Date.now() + (WITHHOLD_DAYS_MAX + 1) * DAY_MS))
      wrong.until = t.needUntil;
  }
  return wrong;
}

function input(
  draft: Draft,
  of: CaseFull,
  cluster: Cluster,
  chosen: (string | number)[],
  language: Language,
): DecisionInput {
  const preset = GROUNDS.find(one => one.key === draft.preset);
  const territory = countries(draft.territory);
  const spoken = statementLanguage(draft, cluster, language);
  const until_ms = Math.min(dayEnd(draft.withholdUntil), Date.now() + WITHHOLD_DAYS_MAX * DAY_MS - 60_000);
  return {
    cluster: cluster.id,
    ...(chosen.length ? { uploads: chosen } : {}),
    actions: draft.actions,
    ground: {
      basis: preset?.basis ?? (draft.preset === "own" ? "law" : "terms"),
      article: preset?.article?.[spoken] ?? draft.article.trim(),
      text: draft.text.trim(),
    },
    ...(territory.length ? { territory } : {}), // left out: everywhere
    duration_days: Math.max(0, Math.floor(Number(draft.duration) || 0)),
    entry_opinion: draft.opinion || null,
    withhold: draft.withhold
      ? { until_ms, authority: draft.authority.trim(), ground: draft.withholdGround.trim() }
      : null,
    language: spoken,
    version: of.version,
  };
}

function Actions({
  chosen,
  toggle,
  error,
}: {
  chosen: Action[];
  toggle: (action: Action) => void;
  error: string | undefined;
}) {
  const t = useTexts().desk;
  return (
    <fieldset class={error ? "field actions wrong" : "field actions"}>
      <legend>{t.decide.action}</legend>
      <div class="choices">
        {ACTIONS.map((action, at) => (
          <button
            type="button"
            key={action}
            class={"choice " + action}
            aria-pressed={chosen.includes(action)}
            aria-invalid={error ? true : undefined}
            aria-describedby="action-help"
            title={t.actionHelp[action]}
            onClick={() => toggle(action)}
          >
            <kbd aria-hidden="true">{at + 1}</kbd>
            <span>{t.actions[action]}</span>
          </button>
        ))}
      </div>
      <p class="hint" id="action-help">
        {chosen.map(action => t.actionHelp[action]).join(" ")}
      </p>
      {error && (
        <p class="wrong-text" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface Part {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  wrong: Wrong;
}

function Ground({
  draft,
  set,
  wrong,
  contentClass,
  none,
  spoken,
}: Part & { contentClass: string | null; none: boolean; spoken: Language }) {
  const t = useTexts().desk;
  const preset = GROUNDS.find(one => one.key === draft.preset);
  // What this class of content is about stands first.
  const fitting = GROUNDS.filter(one => contentClass && one.classes?.includes(contentClass));
  const ordered = [...fitting, ...GROUNDS.filter(one => !fitting.includes(one))];
  const options = [
    { value: "", text: t.decide.presetChoose },
    ...ordered.map(one => ({ value: one.key, text: word(t.grounds, one.key) })),
    { value: "own", text: t.decide.presetOwn },
  ];
  const own = draft.preset === "own" || draft.preset === "terms";
  return (
    <>
      <SelectField
        label={t.decide.preset}
        optional={none}
        value={draft.preset}
        error={wrong.ground}
        hint={preset?.article ? <bdi>{preset.article[spoken]}</bdi> : undefined}
        onValue={value => set({ preset: value })}
        options={options}
      />
      {own && (
        <TextField
          label={draft.preset === "terms" ? t.decide.articleTerms : t.decide.article}
          optional={draft.preset === "terms"}
          dir="auto"
          maxLength={ARTICLE_MAX}
          value={draft.article}
          onValue={article => set({ article })}
        />
      )}
      <TextArea
        label={t.decide.text}
        optional={none}
        hint={t.decide.textHelp}
        error={wrong.text}
        rows={3}
        maxLength={TEXT_MAX}
        value={draft.text}
        onValue={text => set({ text })}
      />
    </>
  );
}

function Reach({ draft, set, wrong }: Part) {
  const t = useTexts().desk.decide;
  const days = ["0", "30", "90", "180"];
  const custom = !days.includes(draft.duration);
  const chosen = countries(draft.territory);
  const names = chosen.filter(code => /^[A-Z]{2}$/.test(code)).map(code => nameOf("region", code));
  return (
    <>
      <TextField
        label={t.territory}
        hint={names.length && names.length < 12 ? names.join(", ") : t.territoryHelp}
        error={wrong.territory}
        dir="ltr"
        value={draft.territory}
        onValue={territory => set({ territory })}
      />
      <div class="row">
        <Button small onClick={() => set({ territory: "" })}>
          {t.territoryAll}
        </Button>
        <Button small onClick={() => set({ territory: EU.join(" ") })}>
          {t.territoryEu}
        </Button>
      </div>
      <SelectField
        label={t.duration}
        value={custom ? "own" : draft.duration}
        onValue={value => set({ duration: value === "own" ? "7" : value })}
        options={[
          { value: "0", text: t.durationNone },
          ...days.slice(1).map(value => ({ value, text: t.durationDays(Number(value)) })),
          { value: "own", text: t.durationOwn },
        ]}
      />
      {custom && (
        <TextField
          label={t.durationOwn}
          type="number"
          min={1}
          max={3660}
          value={draft.duration}
          onValue={duration => set({ duration })}
        />
      )}
    </>
  );
}

function Opinion({ of, draft, set }: { of: CaseFull } & Omit<Part, "wrong">) {
  const t = useTexts().desk;
  if (!of.entry) return null;
  // A word on an entry is a record, and those are made on the leader.
  if (of.can.confirm_why === "read_only_node") return <p class="muted small">{t.refusals.read_only_node}</p>;
  const why = of.can.confirm ? undefined : word(t.refusals, of.can.confirm_why ?? "no_copy");
  return (
    <RadioField
      label={t.decide.opinion}
      value={draft.opinion}
      onValue={value => set({ opinion: value as Draft["opinion"] })}
      options={[
        { value: "", text: t.decide.opinionNone },
        {
          value: "confirm",
          text: t.decide.opinionConfirm,
          disabled: !of.can.confirm,
          ...(why ? { hint: why } : {}),
        },
        {
          value: "dispute",
          text: t.decide.opinionDispute,
        },
      ]}
    />
  );
}

export function Withhold({ draft, set, wrong }: Part) {
  const t = useTexts().desk.decide;
  return (
    <>
      <CheckField
        label={t.withhold}
        hint={t.withholdHelp}
        checked={draft.withhold}
        onValue={withhold => set({ withhold })}
      />
      {draft.withhold && (
        <div class="stack inset">
          <TextField
            label={t.withholdAuthority}
            error={wrong.authority}
            dir="auto"
            maxLength={200}
            value={draft.authority}
            onValue={authority => set({ authority })}
          />
          <TextField
            label={t.withholdGround}
            error={wrong.withholdGround}
            dir="auto"
            maxLength={TEXT_MAX}
            value={draft.withholdGround}
            onValue={withholdGround => set({ withholdGround })}
          />
          <Field
            label={t.withholdUntil}
            error={wrong.until}
            hint={draft.withholdUntil ? date(dayEnd(draft.withholdUntil)) : undefined}
          >
            {wired => (
              <input
                {...wired}
                type="date"
                min={dayOf(Date.now() + DAY_MS)}
                max={dayOf(Date.now() + WITHHOLD_DAYS_MAX * DAY_MS)}
                value={draft.withholdUntil}
                onInput={event => set({ withholdUntil: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
      )}
    </>
  );
}

// What the node said no to, in this language where it is known.
export function Refusal({ error }: { error: ApiError }) {
  const t = useTexts().desk;
  const known = (t.refusals as Record<string, string | undefined>)[error.code];
  if (!known) return <ErrorNote error={error} />;
  return (
    <Note tone="warn">
      <p role="alert">{known}</p>
    </Note>
  );
}

// Somebody was first: what stands, and what this person had written, which is still theirs.
export function ConflictNote({ of }: { of: Conflict }) {
  const t = useTexts().desk;
  return (
    <Note tone="warn">
      <p role="alert">
        <strong>{t.decide.conflict}</strong> {word(t.refusals, of.error.code)}
      </p>
      {of.decision && (
        <>
          <p>{t.decide.conflictHelp}</p>
          <DecisionCard of={of.decision} />
        </>
      )}
      {of.text && (
        <>
          <p>{t.decide.conflictText}</p>
          <blockquote dir="auto">{of.text}</blockquote>
        </>
      )}
    </Note>
  );
}
