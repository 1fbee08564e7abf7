import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { post, remove, session, useAction, useLoad } from "../api";
import { useCell } from "../cell";
import { date, dateTime, nameOf, number, time, useTexts } from "../i18n";
import { roomFor, useInView } from "../in-view";
import { useMay } from "../may";
import type { CaseFull, Cluster, Decision, EntryInfo, Lease, Note as NoteType, Upload } from "../types";
import { Ago, Badge, Button, Facts, Note, TextArea, useKeys, When } from "../ui";
import { Actor, DecisionCard, useActionWords } from "./decision-card";
import { Refusal } from "./decide-form";
import { useDraft } from "./draft";
import { DAY_MS, TEXT_MAX } from "./lists";
import { Section } from "./section";
import { toastDecided } from "./undo";
import { iso, nearness, share, word } from "./words";

// The parts of a case's page that say something, and small forms.

export function LeaseNote({ of, set }: { of: CaseFull; set: (lease: Lease | null) => void }) {
  const texts = useTexts();
  const t = texts.desk.case;
  const may = useMay();
  const take = useAction(async () => set((await post<{ lease: Lease }>(`/v1/cases/${of.id}/lease`)).lease));
  const give = useAction(async () => {
    await remove(`/v1/cases/${of.id}/lease`);
    set(null);
  });
  useKeys(
    [{ key: "l", text: texts.desk.keys.lease, run: () => (of.lease?.mine ? give.run() : take.run()) }],
    texts.desk.keys.group.case,
  );
  if (!may("case.work") || (of.state !== "open" && of.state !== "second")) return null;
  const mine = of.lease?.mine;
  const other = of.lease && !mine;
  return (
    <div class={other ? "lease note warn" : "lease muted"} role="status">
      <span>
        {!of.lease
          ? t.leaseFree
          : mine
            ? t.leaseMine(time(of.lease.until_ms))
            : t.leaseOther(iso(of.lease.by), time(of.lease.until_ms))}
      </span>
      {!other && (
        <Button small kind="quiet" busy={take.busy || give.busy} onClick={() => (mine ? give : take).run()}>
          {mine ? t.leaseGive : t.leaseTake}
        </Button>
      )}
      {take.error && <Refusal error={take.error} />}
    </div>
  );
}

// Why it matched: in words, in numbers, and as a mark on a line.
export function Why({ of, upload }: { of: CaseFull; upload: Upload | null }) {
  const texts = useTexts();
  const t = texts.desk.case;
  const why = of.why;
  if (!why?.signal) return of.kind === "report" ? <p class="muted">{t.whyReports}</p> : null;
  const distance = upload?.distance ?? why.distance;
  const part = upload?.share_percent ?? why.share_percent;
  const turned = upload?.orientation ?? why.orientation;
  const exact = ["sha256", "md5"].includes(why.signal);
  return (
    <div class="why">
      <h3>{t.why}</h3>
      <p>
        <Badge>{word(texts.desk.signals, why.signal)}</Badge>{" "}
        {exact
          ? t.whyExact
          : distance !== null &&
            why.threshold !== null &&
            t.whyDistance(number(distance), number(why.threshold))}{" "}
        {part !== null && !exact && t.whyShare(share(part))}{" "}
        {turned && turned !== "original" && t.whyOrientation(word(texts.desk.orientations, turned))}
      </p>
      {!exact && distance !== null && why.threshold !== null && (
        <Scale distance={distance} threshold={why.threshold} />
      )}
      {part !== null && part < 60 && <Note tone="warn">{t.whyPart}</Note>}
    </div>
  );
}

function Scale({ distance, threshold }: { distance: number; threshold: number }) {
  const t = useTexts().desk.case;
  const at = nearness(distance, threshold) * 100;
  return (
    <svg
      class="scale"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      role="img"
      aria-label={t.whyScale(number(distance), number(threshold))}
    >
      <rect class="line" x="0" y="2" width="100" height="2" />
      <rect class="at" x={Math.max(0, Math.min(98.8, at - 0.6))} y="0" width="1.2" height="6" />
    </svg>
  );
}

export function EntryFacts({ of }: { of: EntryInfo }) {
  const texts = useTexts();
  const t = texts.desk.case;
  const codes = Array.isArray(of.territory) ? of.territory : (of.territory ?? "").split(/[\s,]+/);
  const territory = codes.filter(code => /^[A-Z]{2}$/.test(code));
  const rows: [ComponentChildren, ComponentChildren][] = [
    [
      texts.desk.exemptions.entry,
      <a href={`/entries/${encodeURIComponent(of.entry)}`}>
        <bdi class="mono">{of.entry}</bdi>
      </a>,
    ],
    [
      t.bank,
      <a href={`/banks/${encodeURIComponent(of.bank)}`}>
        <bdi>{of.bank}</bdi>
      </a>,
    ],
    [t.mode, word(texts.desk.modes, of.mode)],
    [t.member, of.own ? t.own : <bdi class="mono">{of.member}</bdi>],
    [t.source, of.source ? word(texts.desk.sources, of.source) : t.notSaid],
    [t.class, word(texts.desk.classes, of.content_class)],
    [t.ground, of.ground ? <span dir="auto">{of.ground}</span> : t.notSaid],
    [t.territory, territory.length ? territory.map(code => nameOf("region", code)).join(", ") : t.everywhere],
    [t.added, of.added_ms ? <When ms={of.added_ms} /> : t.notSaid],
    [t.expires, of.expires_ms ? <When ms={of.expires_ms} /> : t.never],
  ];
  const labels = Object.entries(of.labels ?? {});
  if (labels.length) {
    rows.push([
      t.labels,
      <span class="badges">
        {labels.map(([name, value]) => (
          <Badge key={name}>
            <bdi>
              {name}={value}
            </bdi>
          </Badge>
        ))}
      </span>,
    ]);
  }
  return (
    <>
      <Facts rows={rows} />
      <h3>{t.opinions}</h3>
      {of.confirm_count + of.dispute_count + of.seen_count === 0 ? (
        <p class="muted">{t.noOpinions}</p>
      ) : (
        <p class="row">
          {of.confirm_count > 0 && <Badge tone="good">{t.confirmCount(of.confirm_count)}</Badge>}
          {of.dispute_count > 0 && <Badge tone="bad">{t.disputeCount(of.dispute_count)}</Badge>}
          {of.seen_count > 0 && <Badge>{t.seenCount(of.seen_count)}</Badge>}
        </p>
      )}
      {of.opinions.length > 0 && (
        <ul class="bare small">
          {of.opinions.map((one, at) => (
            <li key={at}>
              {one.own ? t.own : <bdi class="mono">{one.member}</bdi>}:{" "}
              {word(texts.desk.opinions, one.opinion)} · {date(one.time_ms)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const GROUP_PX = 90; // of a group, at the least

export function Groups({
  clusters,
  current,
  choose,
}: {
  clusters: Cluster[];
  current: number;
  choose: (id: number) => void;
}) {
  const texts = useTexts();
  const t = texts.desk.case;
  return (
    <ul class="groups">
      {useInView(clusters, roomFor(GROUP_PX, 0)).map(one => (
        <li key={one.id}>
          <button
            type="button"
            class="group"
            aria-pressed={one.id === current}
            onClick={() => choose(one.id)}
          >
            <span class="row between">
              <strong>{t.group(number(one.id))}</strong>
              <span class={one.open_count ? "" : "muted"}>
                {one.open_count ? t.groupOpen(one.open_count) : t.groupDecided}
                {one.upload_count !== one.open_count && (
                  <span class="muted"> · {texts.desk.queue.uploadCount(one.upload_count)}</span>
                )}
              </span>
            </span>
            <span class="badges">
              <Badge>{texts.desk.shares[one.share]}</Badge>
              <Badge>{word(texts.desk.orientations, one.orientation)}</Badge>
              {one.surface && <Badge>{word(texts.desk.surfaces, one.surface)}</Badge>}
              {one.language && <Badge>{nameOf("language", one.language)}</Badge>}
              {one.known && one.open_count > 0 && <Badge tone="good">{texts.desk.queue.knownCopy}</Badge>}
            </span>
            <span class="caption" dir="auto">
              {one.caption || <span class="muted">{t.noCaption}</span>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

// What is known already: decided with one press, and nothing is loaded meanwhile.
export function KnownCopy({
  of,
  cluster,
  onDone,
  look,
}: {
  of: CaseFull;
  cluster: Cluster;
  onDone: (decision: Decision, next: boolean) => void;
  look: () => void;
}) {
  const texts = useTexts();
  const t = texts.desk.case;
  const words = useActionWords();
  const before = useLoad<{ decision: Decision } | Decision>(`/v1/decisions/${cluster.known}`).data;
  const decision = before && ("decision" in before ? before.decision : before);
  const again = useAction(async () => {
    if (!decision) return;
    const days = decision.until_ms
      ? Math.max(1, Math.round((decision.until_ms - decision.made_ms) / DAY_MS))
      : 0;
    const body = {
      cluster: cluster.id,
      actions: decision.actions.length ? decision.actions : ["none"],
      ground: decision.ground,
      ...(decision.territory?.length ? { territory: decision.territory } : {}),
      duration_days: days,
      entry_opinion: null,
      withhold: null,
      version: of.version,
    };
    const made = await post<{ decision: Decision }>(`/v1/cases/${of.id}/decisions`, body);
    toastDecided(made.decision);
    onDone(made.decision, true);
  });
  useKeys(
    [{ key: "a", text: texts.desk.keys.again, run: () => again.run() }],
    texts.desk.keys.group.decision,
  );
  return (
    <Note tone="good">
      <p>
        <strong>{t.known}</strong>
      </p>
      {decision && (
        <p>
          {t.knownWhat(dateTime(decision.made_ms), words(decision))}{" "}
          {decision.ground.article && t.knownGround(iso(decision.ground.article))}
        </p>
      )}
      <div class="row">
        <Button kind="primary" busy={again.busy || !decision} onClick={() => again.run()}>
          {t.knownAgain}
        </Button>
        <Button onClick={look}>{t.knownLook}</Button>
      </div>
      {again.error && <Refusal error={again.error} />}
    </Note>
  );
}

export function Notes({ of, added }: { of: CaseFull; added: (note: NoteType) => void }) {
  const texts = useTexts();
  const t = texts.desk.case;
  const may = useMay();
  const who = useCell(session)?.user?.name ?? "open";
  const [text, setText, forget] = useDraft(who, `note.${of.id}`, "");
  const box = useRef<HTMLDivElement>(null);
  const add = useAction(async () => {
    if (!text.trim()) return;
    const made = await post<NoteType | { note: NoteType }>(`/v1/cases/${of.id}/notes`, { text: text.trim() });
    forget();
    added("note" in made ? made.note : made);
  });
  useKeys(
    [{ key: "n", text: texts.desk.keys.note, run: () => box.current?.querySelector("textarea")?.focus() }],
    texts.desk.keys.group.case,
  );
  return (
    <Section title={t.notes} count={of.notes.length}>
      {of.notes.length === 0 && <p class="muted">{t.noteNone}</p>}
      <ol class="bare notes">
        {of.notes.map(note => (
          <li key={note.id}>
            <div class="muted small">
              <Actor by={note.by} mine={note.mine} /> · <Ago ms={note.time_ms} />
            </div>
            <p dir="auto">{note.text}</p>
          </li>
        ))}
      </ol>
      {may("case.work") && (
        <div class="stack" ref={box}>
          <TextArea
            label={t.noteText}
            hint={t.notesHelp}
            rows={2}
            maxLength={TEXT_MAX}
            value={text}
            onValue={setText}
            onKeyDown={event => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) add.run();
            }}
          />
          <Button busy={add.busy} aria-disabled={!text.trim() || undefined} onClick={() => add.run()}>
            {t.noteAdd}
          </Button>
          {add.error && <Refusal error={add.error} />}
        </div>
      )}
    </Section>
  );
}

// Somebody has decided, and a second person is to agree.
export function Second({ decision, done }: { decision: Decision; done: () => void }) {
  const t = useTexts().desk.case;
  const may = useMay();
  const [why, setWhy] = useState("");
  const [against, setAgainst] = useState(false);
  const answer = useAction(async (agree: boolean) => {
    const body = agree || !why.trim() ? { agree } : { agree, text: why.trim() };
    const made = await post<{ decision: Decision } | undefined>(`/v1/decisions/${decision.id}/second`, body);
    if (made?.decision?.state === "pending") toastDecided(made.decision);
    done();
  });
  return (
    <Section title={t.secondTitle}>
      <p>{decision.mine ? t.secondMine : t.secondAsk(iso(decision.by))}</p>
      <DecisionCard of={decision} full />
      {!decision.mine && may("decide") && (
        <>
          {against && <TextArea label={t.disagreeWhy} optional value={why} onValue={setWhy} rows={2} />}
          <div class="row">
            <Button kind="primary" busy={answer.busy} onClick={() => answer.run(true)}>
              {t.agree}
            </Button>
            <Button busy={answer.busy} onClick={() => (against ? answer.run(false) : setAgainst(true))}>
              {t.disagree}
            </Button>
          </div>
        </>
      )}
      {answer.error && <Refusal error={answer.error} />}
    </Section>
  );
}
