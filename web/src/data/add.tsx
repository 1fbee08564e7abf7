import { useState } from "preact/hooks";
import { asApiError, post, sendFile, useAction, withQuery, type ApiError } from "../api";
import { CLASSES } from "../desk/lists";
import { number, useTexts, type Texts } from "../i18n";
import {
  Button,
  CheckField,
  Dialog,
  ErrorNote,
  Field,
  Form,
  Icon,
  SelectField,
  Tabs,
  TextArea,
  TextField,
} from "../ui";
import { FileInput } from "./file";
import type { Added, Imported, Signal, SignalType } from "./types";
import { bankApi, readLabels, readSignal } from "./words";

// Entries that people add by hand: pictures, signals, or a whole list.
interface Meta {
  class: string;
  ground: string;
  expires: string;
  source: string;
  labels: string;
}
const EMPTY: Meta = { class: "unclassified", ground: "", expires: "", source: "human", labels: "" };
const SOURCES = ["human", "import", "automated"] as const;
const YEAR_MS = 365 * 864e5;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function MetaFields({ of, set, source }: { of: Meta; set: (meta: Meta) => void; source: boolean }) {
  const texts = useTexts();
  const t = texts.data.add;
  const with_ = (name: keyof Meta) => (value: string) => set({ ...of, [name]: value });
  return (
    <>
      <div class="columns">
        <SelectField
          label={t.class}
          value={of.class}
          onValue={with_("class")}
          options={CLASSES.map(value => ({ value, text: texts.desk.classes[value] }))}
        />
        {source && (
          <SelectField
            label={t.source}
            value={of.source}
            onValue={with_("source")}
            options={SOURCES.map(value => ({ value, text: texts.desk.sources[value] }))}
          />
        )}
      </div>
      <TextField
        label={t.ground}
        hint={t.groundHint}
        value={of.ground}
        onValue={with_("ground")}
        maxLength={96}
        dir="auto"
        optional
      />
      <TextField
        label={t.expires}
        hint={t.expiresHint}
        type="date"
        min={day(Date.now() + 864e5)}
        max={day(Date.now() + 2 * YEAR_MS)}
        value={of.expires}
        onValue={with_("expires")}
        optional
      />
      <TextArea
        label={t.labels}
        hint={t.labelsHint}
        rows={2}
        value={of.labels}
        onValue={with_("labels")}
        error={((wrong: string | null) => wrong && t.badLabel(wrong))(readLabels(of.labels).wrong)}
        optional
      />
    </>
  );
}

function said(meta: Meta): { class: string; ground?: string; expires?: string; source: string } {
  return {
    class: meta.class,
    source: meta.source,
    ...(meta.ground.trim() ? { ground: meta.ground.trim() } : {}),
    ...(meta.expires ? { expires: meta.expires } : {}),
  };
}

interface Outcome {
  name: string;
  result: "added" | "already" | "degenerate" | "failed";
  entry: number | null;
  error: ApiError | null;
}

export function AddEntries({
  bank,
  onAdded,
  onClose,
}: {
  bank: string;
  onAdded: () => void;
  onClose: () => void;
}) {
  const t = useTexts().data.add;
  const [how, setHow] = useState("file");
  const [meta, setMeta] = useState(EMPTY);
  return (
    <Dialog title={t.title(bank)} wide onClose={onClose}>
      <Tabs
        label={t.how}
        tabs={[
          { key: "file", text: t.byFile },
          { key: "signals", text: t.bySignals },
        ]}
        current={how}
        onTab={setHow}
      >
        {how === "file" ? (
          <ByFile bank={bank} meta={meta} setMeta={setMeta} onAdded={onAdded} />
        ) : (
          <BySignals bank={bank} meta={meta} setMeta={setMeta} onAdded={onAdded} />
        )}
      </Tabs>
    </Dialog>
  );
}

interface AddProps {
  bank: string;
  meta: Meta;
  setMeta: (meta: Meta) => void;
  onAdded: () => void;
}

// One after the other: what fails is told by its name, and the others go on.
function ByFile({ bank, meta, setMeta, onAdded }: AddProps) {
  const t = useTexts().data.add;
  const [files, setFiles] = useState<File[]>([]);
  const [done, setDone] = useState<Outcome[]>([]);
  const { labels, wrong } = readLabels(meta.labels);
  const { run, busy } = useAction(async () => {
    if (wrong) return;
    const path = withQuery(bankApi(bank) + "/entries", { ...said(meta), labels: JSON.stringify(labels) });
    const outcomes: Outcome[] = [];
    for (const file of files) {
      outcomes.push(await addFile(path, file));
      setDone([...outcomes]);
    }
    setFiles([]);
    onAdded();
  });
  return (
    <Form class="stack tab-panel" onSend={run}>
      <Field label={t.files} hint={t.filesHint}>
        {wired => (
          <FileInput
            wired={wired}
            accept="image/*"
            multiple
            required
            key={done.length && !files.length ? "again" : "first"}
            onFiles={setFiles}
          />
        )}
      </Field>
      <MetaFields of={meta} set={setMeta} source />
      <Button kind="primary" type="submit" busy={busy} disabled={!files.length || !!wrong}>
        {busy ? t.progress(number(done.length), number(files.length)) : t.runMany(files.length || 1)}
      </Button>
      <Outcomes of={done} t={t} />
    </Form>
  );
}

async function addFile(path: string, file: File): Promise<Outcome> {
  try {
    // Its name and type stay with the person: the node looks at the bytes alone.
    const added = await sendFile<Added>(path, new Blob([file], { type: "application/octet-stream" }));
    const result = added.results[0];
    return { name: file.name, result: result?.result ?? "failed", entry: result?.entry ?? null, error: null };
  } catch (cause) {
    return { name: file.name, result: "failed", entry: null, error: asApiError(cause) };
  }
}

function Outcomes({ of, t }: { of: Outcome[]; t: Texts["data"]["add"] }) {
  const texts = useTexts();
  if (!of.length) return null;
  return (
    <ul class="plain outcomes" role="status">
      {of.map((one, at) => (
        <li key={at} class={one.result}>
          <Icon name={one.result === "failed" ? "warn" : one.result === "added" ? "check" : "info"} />
          <span>
            <bdi>{one.name}</bdi>: {t.results[one.result]}
            {one.entry !== null && (
              <>
                {" "}
                (<a href={"/entries/" + one.entry}>{texts.data.one.title(number(one.entry))}</a>)
              </>
            )}
            {one.error && (
              <span class="muted small" dir="auto">
                {" "}
                {one.error.message}
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function BySignals({ bank, meta, setMeta, onAdded }: AddProps) {
  const t = useTexts().data.add;
  const [text, setText] = useState("");
  const [bare, setBare] = useState<SignalType>("pdq");
  const [together, setTogether] = useState(false);
  const [sum, setSum] = useState<Added | null>(null);
  const { labels, wrong } = readLabels(meta.labels);
  const lines = text
    .split("\n")
    .map(line => line.trim())
    .filter(Boolean);
  const bad = lines.find(line => !readSignal(line, bare));
  const signals = lines.map(line => readSignal(line, bare)).filter((one): one is Signal => one !== null);
  const { run, busy, error } = useAction(async () => {
    const what = together ? { signals } : { entries: signals.map(one => ({ signals: [one] })) };
    setSum(await post<Added>(bankApi(bank) + "/entries", { ...said(meta), labels, ...what }));
    setText("");
    onAdded();
  });
  return (
    <Form
      class="stack tab-panel"
      onSend={() => {
        if (!bad && !wrong && signals.length) run();
      }}
    >
      <ErrorNote error={error} />
      <TextArea
        label={t.signalsLabel}
        hint={t.signalsHint}
        error={bad ? t.badSignal(bad.slice(0, 80)) : null}
        rows={5}
        dir="ltr"
        class="mono"
        spellcheck={false}
        value={text}
        onValue={value => {
          setText(value);
          setSum(null);
        }}
        required
      />
      <SelectField
        label={t.bare}
        value={bare}
        onValue={value => setBare(value as SignalType)}
        options={[
          { value: "pdq", text: "pdq" },
          { value: "sha256", text: "sha256" },
        ]}
      />
      <CheckField label={t.together} hint={t.togetherHelp} checked={together} onValue={setTogether} />
      <MetaFields of={meta} set={setMeta} source />
      <Button kind="primary" type="submit" busy={busy} disabled={!signals.length || !!bad || !!wrong}>
        {t.run}
      </Button>
      {sum && <p role="status">{t.sum(number(sum.added), number(sum.already), number(sum.degenerate))}</p>}
    </Form>
  );
}

export function ImportList({
  bank,
  onAdded,
  onClose,
}: {
  bank: string;
  onAdded: () => void;
  onClose: () => void;
}) {
  const t = useTexts().data.import;
  const [file, setFile] = useState<File | null>(null);
  const [strict, setStrict] = useState(false);
  const [meta, setMeta] = useState(EMPTY);
  const [done, setDone] = useState<Imported | null>(null);
  const { labels, wrong } = readLabels(meta.labels);
  const { run, busy, error } = useAction(async () => {
    if (!file || wrong) return;
    const { class: content_class, ground, expires } = said(meta);
    const query = { class: content_class, ground, expires, strict: strict || null };
    const path = withQuery(bankApi(bank) + "/import", { ...query, labels: JSON.stringify(labels) });
    setDone(await sendFile<Imported>(path, new Blob([file], { type: "text/plain" })));
    onAdded();
  });
  return (
    <Dialog title={t.title(bank)} onClose={onClose}>
      <Form onSend={run}>
        <p>{t.text}</p>
        <ErrorNote error={error} />
        <Field label={t.file}>
          {wired => (
            <FileInput
              wired={wired}
              required
              onFiles={([file]) => {
                setFile(file ?? null);
                setDone(null);
              }}
            />
          )}
        </Field>
        <CheckField label={t.strict} checked={strict} onValue={setStrict} />
        <MetaFields of={meta} set={setMeta} source={false} />
        <Button kind="primary" type="submit" busy={busy} disabled={!file || !!wrong}>
          {t.run}
        </Button>
        {done && (
          <div role="status" class="stack">
            <p>
              {t.sum(number(done.added), number(done.already), number(done.degenerate), number(done.bad))}
            </p>
            {done.problems.length > 0 && (
              <>
                <h3>{t.problems}</h3>
                <ul class="plain small">
                  {done.problems.map(problem => (
                    <li key={problem} dir="auto">
                      {problem}
                    </li>
                  ))}
                </ul>
              </>
            )}
          </div>
        )}
      </Form>
    </Dialog>
  );
}
