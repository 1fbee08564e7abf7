import { useState } from "preact/hooks";
import { post, remove, session, useAction, usePages } from "../api";
import { useCell } from "../cell";
import { dayEnd, dayOf, Refusal } from "../desk/decide-form";
import { useDraft } from "../desk/draft";
import { DAY_MS, EXEMPTION_DAYS_MAX, PURPOSES, TEXT_MAX } from "../desk/lists";
import { webAddress } from "../desk/load";
import { date, useTexts } from "../i18n";
import { useMay } from "../may";
import type { Exemption, ExemptionList, Purpose } from "../types";
import {
  Ago,
  Button,
  Confirm,
  Dialog,
  Empty,
  ErrorNote,
  Field,
  Page,
  Pager,
  RadioField,
  SelectField,
  Skeleton,
  Table,
  TextArea,
  TextField,
  toast,
} from "../ui";
import "../styles/desk.css";

// Who may show a known item, and why. Scoped records: nothing of the item itself changes.
export default function Exemptions() {
  const texts = useTexts();
  const t = texts.desk.exemptions;
  const may = useMay();
  const pages = usePages<ExemptionList, Exemption>("/v1/exemptions?limit=50", answer => answer.exemptions);
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Exemption | null>(null);
  const end = useAction(async () => {
    if (!ending) return;
    await remove(`/v1/exemptions/${encodeURIComponent(ending.id)}`);
    toast(t.ended);
    setEnding(null);
    pages.reload();
  });
  const change = may("exemption.change");
  const actions = change && (
    <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  );
  return (
    <Page title={t.title} right="exemption.read" actions={actions}>
      <p class="muted lead">{t.lead}</p>
      <ErrorNote error={pages.error?.passing ? null : pages.error} retry={pages.reload} />
      {pages.loading ? (
        <Skeleton lines={6} />
      ) : pages.items.length ? (
        <>
          <Table
            caption={t.caption}
            rows={pages.items}
            rowKey={row => row.id}
            columns={[
              {
                head: t.who,
                kind: "main",
                // Auditors learn that somebody may, not who.
                cell: row =>
                  row.uploader_ref || row.url ? (
                    <bdi class="mono">{row.uploader_ref || row.url}</bdi>
                  ) : (
                    <span class="muted">{row.for === "url" ? t.someUrl : t.someUploader}</span>
                  ),
              },
              {
                head: t.entry,
                cell: row => (
                  <a href={`/entries/${encodeURIComponent(row.entry)}`}>
                    <bdi class="mono">{row.entry}</bdi>
                  </a>
                ),
              },
              { head: t.purpose, cell: row => purposeWord(texts.desk.purposes, row.purpose) },
              { head: t.until, cell: row => date(row.until_ms) },
              { head: t.note, cell: row => <span dir="auto">{row.note || "–"}</span> },
              { head: t.made, cell: row => <Ago ms={row.made_ms} /> },
              ...(change
                ? [
                    {
                      head: t.end,
                      kind: "actions" as const,
                      cell: (row: Exemption) => (
                        <Button small onClick={() => setEnding(row)}>
                          {t.end}
                        </Button>
                      ),
                    },
                  ]
                : []),
            ]}
          />
          <Pager of={pages} />
        </>
      ) : (
        !pages.error && (
          <Empty title={t.none}>
            <p>{t.noneHelp}</p>
          </Empty>
        )
      )}
      {adding && <Add onClose={() => setAdding(false)} onDone={pages.reload} />}
      {ending && (
        <Confirm
          title={t.endAsk}
          action={t.end}
          danger
          busy={end.busy}
          onYes={() => end.run()}
          onClose={() => setEnding(null)}
        >
          <p>{t.endHelp}</p>
          <p>
            <bdi class="mono">{ending.uploader_ref || ending.url}</bdi>
          </p>
          <ErrorNote error={end.error} />
        </Confirm>
      )}
    </Page>
  );
}

const purposeWord = (words: Record<Purpose, string>, purpose: Purpose): string => words[purpose] ?? purpose;

interface Draft {
  by: "uploader" | "url";
  uploader: string;
  url: string;
  entry: string;
  purpose: Purpose;
  until: string;
  note: string;
}
const EMPTY: Draft = {
  by: "uploader",
  uploader: "",
  url: "",
  entry: "",
  purpose: "journalism",
  until: "",
  note: "",
};

function Add({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const texts = useTexts();
  const t = texts.desk.exemptions;
  const who = useCell(session)?.user?.name ?? "open";
  const [draft, setDraft, forget] = useDraft<Draft>(who, "exemption", EMPTY);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const last_ms = Date.now() + EXEMPTION_DAYS_MAX * DAY_MS;
  const until_ms = draft.until ? dayEnd(draft.until) : 0;
  const byUrl = draft.by === "url";
  const wrong = {
    who: byUrl ? (webAddress(draft.url.trim()) ? null : t.needUrl) : draft.uploader.trim() ? null : t.needWho,
    entry: draft.entry.trim() ? null : t.needEntry,
    until: until_ms > Date.now() && until_ms <= last_ms + DAY_MS ? null : t.needUntil,
  };
  const save = useAction(async () => {
    setTried(true);
    if (Object.values(wrong).some(Boolean)) return;
    await post("/v1/exemptions", {
      ...(byUrl ? { url: draft.url.trim() } : { uploader_ref: draft.uploader.trim() }),
      entry: draft.entry.trim(),
      purpose: draft.purpose,
      until_ms: Math.min(until_ms, last_ms - 60_000),
      ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
    });
    forget();
    toast(t.added);
    onDone();
    onClose();
  });
  const footer = (
    <>
      <Button onClick={onClose}>{t.cancel}</Button>
      <Button kind="primary" busy={save.busy} onClick={() => save.run()}>
        {t.save}
      </Button>
    </>
  );
  return (
    <Dialog title={t.add} onClose={onClose} footer={footer}>
      <RadioField
        label={t.who}
        value={draft.by}
        onValue={by => set({ by: by as Draft["by"] })}
        options={[
          { value: "uploader", text: t.whoUploader },
          { value: "url", text: t.whoUrl },
        ]}
      />
      {byUrl ? (
        <TextField
          label={t.url}
          error={tried ? wrong.who : null}
          type="url"
          dir="ltr"
          placeholder="https://"
          value={draft.url}
          onValue={url => set({ url })}
        />
      ) : (
        <TextField
          label={t.uploader}
          error={tried ? wrong.who : null}
          dir="ltr"
          maxLength={256}
          value={draft.uploader}
          onValue={uploader => set({ uploader })}
        />
      )}
      <TextField
        label={t.entry}
        hint={t.entryHelp}
        error={tried ? wrong.entry : null}
        dir="ltr"
        value={draft.entry}
        onValue={entry => set({ entry })}
      />
      <SelectField
        label={t.purpose}
        value={draft.purpose}
        onValue={purpose => set({ purpose: purpose as Purpose })}
        options={PURPOSES.map(value => ({ value, text: texts.desk.purposes[value] }))}
      />
      <Field label={t.until} hint={t.untilHelp} error={tried ? wrong.until : null}>
        {wired => (
          <input
            {...wired}
            type="date"
            min={dayOf(Date.now() + DAY_MS)}
            max={dayOf(last_ms)}
            value={draft.until}
            onInput={event => set({ until: event.currentTarget.value })}
          />
        )}
      </Field>
      <TextArea
        label={t.note}
        hint={t.noteHelp}
        optional
        rows={2}
        maxLength={TEXT_MAX}
        value={draft.note}
        onValue={note => set({ note })}
      />
      {save.error && <Refusal error={save.error} />}
    </Dialog>
  );
}
