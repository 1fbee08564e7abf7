import { useState } from "preact/hooks";
import { post, session, useAction } from "../api";
import { useCell } from "../cell";
import { useTexts } from "../i18n";
import { useMay } from "../may";
import type { Escalation } from "../types";
import { Badge, Button, Dialog, Facts, Field, TextArea, TextField, toast, When } from "../ui";
import { Refusal } from "./decide-form";
import { Actor } from "./decision-card";
import { useDraft } from "./draft";
import { iso } from "./words";

// An imminent threat to life. hilf tells nobody by itself: a person calls and writes it down, another one confirms it.
interface Draft {
  authority: string;
  contact: string;
  told: string;
  sent: string;
}

// A time as the browser's field has it: this machine's own.
const fieldTime = (ms: number): string =>
  new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

export function EscalateDialog({
  of,
  onClose,
  onDone,
}: {
  of: number;
  onClose: () => void;
  onDone: () => void;
}) {
  const t = useTexts().desk.escalations;
  const who = useCell(session)?.user?.name ?? "open";
  const empty: Draft = { authority: "", contact: "", told: "", sent: "" };
  const [draft, setDraft, forget] = useDraft<Draft>(who, `escalation.${of}`, empty);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const told = draft.told || fieldTime(Date.now());
  const told_ms = new Date(told).getTime();
  const wrong = {
    authority: draft.authority.trim() ? null : t.needAuthority,
    contact: draft.contact.trim() ? null : t.needContact,
    told: told_ms <= Date.now() + 60_000 ? null : t.needTold,
    sent: draft.sent.trim() ? null : t.needSent,
  };
  const save = useAction(async () => {
    setTried(true);
    if (Object.values(wrong).some(Boolean)) return;
    await post(`/v1/cases/${of}/escalations`, {
      authority: draft.authority.trim(),
      contact: draft.contact.trim(),
      told_ms: Math.min(told_ms, Date.now()),
      sent: draft.sent.trim(),
    });
    forget();
    toast(t.saved);
    onDone();
    onClose();
  });
  const footer = (
    <Button kind="primary" busy={save.busy} onClick={() => save.run()}>
      {t.save}
    </Button>
  );
  return (
    <Dialog title={t.newTitle} onClose={onClose} footer={footer}>
      <p>{t.newHelp}</p>
      <p class="muted small">
        <bdi>{t.newLaw}</bdi>
      </p>
      <TextField
        label={t.authority}
        hint={t.authorityHelp}
        error={tried ? wrong.authority : null}
        dir="auto"
        maxLength={200}
        value={draft.authority}
        onValue={authority => set({ authority })}
      />
      <TextField
        label={t.contact}
        hint={t.contactHelp}
        error={tried ? wrong.contact : null}
        dir="auto"
        maxLength={400}
        value={draft.contact}
        onValue={contact => set({ contact })}
      />
      <Field label={t.told} error={tried ? wrong.told : null}>
        {wired => (
          <input
            {...wired}
            type="datetime-local"
            max={fieldTime(Date.now())}
            value={told}
            onInput={event => set({ told: event.currentTarget.value })}
          />
        )}
      </Field>
      <TextArea
        label={t.sent}
        hint={t.sentHelp}
        error={tried ? wrong.sent : null}
        maxLength={5000}
        value={draft.sent}
        onValue={sent => set({ sent })}
      />
      {save.error && <Refusal error={save.error} />}
    </Dialog>
  );
}

export function EscalationState({ of }: { of: Escalation }) {
  const t = useTexts().desk.escalations;
  const agreed = of.second?.agreed ?? null;
  if (agreed === null) return <Badge tone="warn">{t.waiting}</Badge>;
  const by = iso(of.second?.by ?? "");
  return <Badge tone={agreed ? "good" : "bad"}>{agreed ? t.done(by) : t.refused(by)}</Badge>;
}

export function EscalationCard({ of, onDone }: { of: Escalation; onDone: () => void }) {
  const texts = useTexts();
  const t = texts.desk.escalations;
  const may = useMay();
  const answer = useAction(async (agree: boolean) => {
    await post(`/v1/escalations/${of.id}/second`, { agree });
    toast(agree ? t.confirmed : t.denied);
    onDone();
  });
  const waits = (of.second?.agreed ?? null) === null;
  return (
    <article class="decision-card">
      <div class="row">
        <strong dir="auto">{of.authority}</strong>
        <EscalationState of={of} />
      </div>
      <Facts
        rows={[
          [t.case, <a href={`/cases/${of.case}`}>{texts.desk.case.title(String(of.case))}</a>],
          [t.contact, <span dir="auto">{of.contact}</span>],
          [t.told, <When ms={of.told_ms} />],
          [t.sent, <span dir="auto">{of.sent}</span>],
          [t.by, <Actor by={of.by} mine={of.mine} />],
        ]}
      />
      {waits && of.mine && <p class="muted">{t.yours}</p>}
      {waits && !of.mine && may("escalate") && (
        <div class="row">
          <Button small kind="primary" busy={answer.busy} onClick={() => answer.run(true)}>
            {t.confirm}
          </Button>
          <Button small busy={answer.busy} onClick={() => answer.run(false)}>
            {t.deny}
          </Button>
        </div>
      )}
      {answer.error && <Refusal error={answer.error} />}
    </article>
  );
}
