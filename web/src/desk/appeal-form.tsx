import { useState } from "preact/hooks";
import { post, session, useAction } from "../api";
import { useCell } from "../cell";
import { dateTime, useTexts } from "../i18n";
import { useMay } from "../may";
import type { CaseFull } from "../types";
import { Button, Form, Note, RadioField, TextArea, toast } from "../ui";
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
  const now = useCell(session);
  const who = now?.user?.name ?? "open";
  const follower = !!now?.node.follower;
  const [answer, setAnswer, forget] = useDraft<Answer>(who, `appeal.${of.id}`, EMPTY);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Answer>) => setAnswer({ ...answer, ...change });
  // A withdrawal and a dispute are records, and those are made on the leader.
  const ends: Answer["entry"][] = ["keep"];
  if (of.entry_info?.own && !follower && may("entry.withdraw")) ends.push("withdraw");
  if (may("entry.mute")) ends.push("mute");
  if (!follower && may("opinion.give")) ends.push("dispute");
  const send = useAction(async () => {
    setTried(true);
    if (!answer.outcome || !answer.text.trim()) return;
    const uphold = answer.outcome === "uphold";
    const entry = uphold && of.entry && ends.includes(answer.entry) ? answer.entry : "keep";
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
  const why = of.can.decide_why;
  if (!of.can.decide && (why === "same_person" || why === "person_needed")) {
    return (
      <Section title={t.decide}>
        <Note tone="warn">{texts.desk.refusals[why]}</Note>
      </Section>
    );
  }
  const words = { keep: t.entryKeep, withdraw: t.entryWithdraw, mute: t.entryMute, dispute: t.entryDispute };
  return (
    <Section title={t.decide}>
      <Form noValidate onSend={send.run}>
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
            hint={follower ? texts.desk.refusals.read_only_node : undefined}
            value={ends.includes(answer.entry) ? answer.entry : "keep"}
            onValue={entry => set({ entry: entry as Answer["entry"] })}
            options={ends.map(value => ({ value, text: words[value] }))}
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
      </Form>
    </Section>
  );
}
