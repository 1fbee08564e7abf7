import { useState } from "preact/hooks";
import { post, session, useAction } from "../api";
import { useCell } from "../cell";
import { dateTime, useTexts } from "../i18n";
import { useMay } from "../may";
import type { CaseFull } from "../types";
import { Button, Note, RadioField, TextArea, toast } from "../ui";
import { Section } from "./section";
import { Refusal } from "./decide-form";
import { DecisionCard } from "./decision-card";
import { useDraft } from "./draft";
import { TEXT_MAX } from "./lists";

// Somebody says that a decision was wrong. Another person than the first answers; the node sees to that, and says so.
interface Answer {
  outcome: "" | "uphold" | "reject";
  text: string;
  entry: "keep" | "withdraw" | "mute" | "dispute";
}
const EMPTY: Answer = { outcome: "", text: "", entry: "keep" };

export function AppealText({ of }: { of: CaseFull }) {
  const t = useTexts().desk.appeals;
  if (!of.appeal) return null;
  return (
    <Section title={t.text}>
      <p class="muted small">{t.made(dateTime(of.appeal.made_ms))}</p>
      <blockquote dir="auto" lang={of.appeal.language ?? undefined}>
        {of.appeal.text}
      </blockquote>
      {of.appeal.decision && (
        <>
          <h3>{t.against}</h3>
          <DecisionCard of={of.appeal.decision} full />
        </>
      )}
    </Section>
  );
}

export function AppealForm({ of, onDone }: { of: CaseFull; onDone: () => void }) {
  const texts = useTexts();
  const t = texts.desk.appeals;
  const may = useMay();
  const who = useCell(session)?.user?.name ?? "open";
  const [answer, setAnswer, forget] = useDraft<Answer>(who, `appeal.${of.id}`, EMPTY);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Answer>) => setAnswer({ ...answer, ...change });
  const send = useAction(async () => {
    setTried(true);
    if (!answer.outcome || !answer.text.trim()) return;
    const uphold = answer.outcome === "uphold";
    const entry = uphold && of.entry ? answer.entry : "keep";
    await post(`/v1/cases/${of.id}/appeal`, { uphold, text: answer.text.trim(), entry });
    forget();
    toast(uphold ? t.upheld : t.rejected);
    onDone();
  });
  if (!of.appeal) return null;
  if (of.appeal.outcome || of.state !== "open") {
    return (
      <Section title={t.decide}>
        <Note tone="good">{of.appeal.outcome === "upheld" ? t.upheld : t.rejected}</Note>
        {of.appeal.answer && <blockquote dir="auto">{of.appeal.answer}</blockquote>}
      </Section>
    );
  }
  if (!may("decide")) return null;
  if (!of.can.decide && of.can.decide_why === "same_person") {
    return (
      <Section title={t.decide}>
        <Note tone="warn">{texts.desk.refusals.same_person}</Note>
      </Section>
    );
  }
  const own = of.entry_info?.own;
  return (
    <Section title={t.decide}>
      <form
        class="stack"
        noValidate
        onSubmit={event => {
          event.preventDefault();
          send.run();
        }}
      >
        <RadioField
          label={t.choose}
          value={answer.outcome}
          onValue={outcome => set({ outcome: outcome as Answer["outcome"] })}
          options={[
            { value: "uphold", text: t.uphold },
            { value: "reject", text: t.reject },
          ]}
        />
        {tried && !answer.outcome && (
          <p class="wrong-text" role="alert">
            {t.choose}
          </p>
        )}
        {answer.outcome === "uphold" && of.entry && (
          <RadioField
            label={t.entry}
            value={answer.entry}
            onValue={entry => set({ entry: entry as Answer["entry"] })}
            options={[
              { value: "keep", text: t.entryKeep },
              ...(own ? [{ value: "withdraw", text: t.entryWithdraw }] : []),
              { value: "mute", text: t.entryMute },
              { value: "dispute", text: t.entryDispute },
            ]}
          />
        )}
        <TextArea
          label={t.reason}
          hint={t.reasonHelp}
          error={tried && !answer.text.trim() ? t.chooseText : null}
          maxLength={TEXT_MAX}
          value={answer.text}
          onValue={text => set({ text })}
        />
        {send.error && <Refusal error={send.error} />}
        <Button kind="primary" type="submit" busy={send.busy}>
          {t.submit}
        </Button>
      </form>
    </Section>
  );
}
