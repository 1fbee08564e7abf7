import { useRef, useState } from "preact/hooks";
import { post, sendFile, useAction } from "../api";
import type { Batch, Entry, EntryPage, Hashed, Match, Signal, SignalType } from "../data/types";
import { bankPath, Labels, ModeBadge, readSignal, StateBadges } from "../data/words";
import { iso, word } from "../desk/words";
import { bytes, number, useTexts } from "../i18n";
import { useMay } from "../may";
import {
  Badge,
  Button,
  type Column,
  CopyText,
  ErrorNote,
  Facts,
  Form,
  Note,
  Page,
  SelectField,
  Skeleton,
  Table,
  TextField,
} from "../ui";
import "../styles/desk.css";
import "../styles/data.css";

// What do we know of this file? Its signals are computed (which keeps nothing), compared as a look-up (which decides and
// records nothing), and looked for among all entries, also those that ended. A check would record a block.
interface Known {
  entry: number;
  bank: string;
  class: string;
  labels: Record<string, string>;
  match: Match | null; // the nearest
  held: Entry | null; // it has one of the signals itself
}
interface Turned {
  orientation: string; // how the file is turned where it looks so
  value: string;
}
interface Answer {
  name: string | null; // of a file
  hashed: Hashed | null;
  known: Known[];
  behind: boolean;
}

async function askSignals(
  signals: Signal[],
  turned: Turned[],
  whole: boolean,
): Promise<Omit<Answer, "name" | "hashed">> {
  const all = [...signals, ...turned.map(({ value }) => ({ type: "pdq" as const, value }))];
  const [batch, held] = await Promise.all([
    post<Batch>("/v1/check/batch", { signals: all, limit: 100 }),
    whole ? post<EntryPage>("/v1/find", { signals }) : Promise.resolve({ entries: [] as Entry[] }),
  ]);
  const known = new Map<number, Known>();
  const found = batch.results.flatMap(({ index, matches }) => {
    const orientation = turned[index - signals.length]?.orientation;
    return matches.map(match => (orientation ? { ...match, orientation } : match));
  });
  for (const match of found) {
    const there = known.get(match.entry);
    if (there?.match && there.match.distance <= match.distance) continue;
    known.set(match.entry, { ...match, match, held: null });
  }
  for (const entry of held.entries) {
    const there = known.get(entry.entry);
    known.set(entry.entry, { ...entry, match: there?.match ?? null, held: entry });
  }
  const far = (one: Known) => one.match?.distance ?? 1000;
  const sorted = [...known.values()].sort((a, b) => far(a) - far(b) || a.entry - b.entry);
  return { known: sorted, behind: batch.undecided.some(one => one.code === "behind") };
}

async function askFile(file: File, whole: boolean): Promise<Answer> {
  const body = new Blob([file], { type: "application/octet-stream" });
  const hashed = await sendFile<Hashed>("/v1/hash?orientations=true", body);
  const seen = new Set(hashed.signals.map(one => one.value));
  const turned = hashed.pictures
    .filter(picture => !picture.degenerate)
    .flatMap(picture => Object.entries(picture.pdq))
    .filter(([, value]) => !seen.has(value) && seen.add(value))
    .map(([orientation, value]) => ({ orientation, value }));
  const answer = await askSignals(hashed.signals, turned, whole);
  return { name: file.name, hashed, ...answer };
}

export default function Find() {
  const texts = useTexts();
  const t = texts.data.find;
  const may = useMay();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const whole = may("entry.read");
  const file = useAction(async (one: File) => setAnswer(await askFile(one, whole)));
  const hash = useAction(async (one: Signal) =>
    setAnswer({ name: null, hashed: null, ...(await askSignals([one], [], whole)) }),
  );
  const busy = file.busy || hash.busy;
  return (
    <Page title={texts.shell.pages.find} right="find">
      <p class="muted lead">{t.lead}</p>
      <div class="ways">
        <Drop busy={busy} onFile={file.run} />
        <Hash busy={busy} onSignal={hash.run} />
      </div>
      <ErrorNote error={file.error ?? hash.error} />
      <div role="status" class="stack">
        {busy ? (
          <>
            <p>{t.asking}</p>
            <Skeleton lines={3} />
          </>
        ) : (
          answer && <Told of={answer} whole={whole} />
        )}
      </div>
    </Page>
  );
}

function Drop({ busy, onFile }: { busy: boolean; onFile: (file: File) => void }) {
  const t = useTexts().data.find;
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <section
      class={over ? "card drop over" : "card drop"}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file && !busy) onFile(file);
      }}
    >
      <p>
        {t.drop} {t.or}
      </p>
      <Button kind="primary" icon="search" busy={busy} onClick={() => input.current?.click()}>
        {t.choose}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        onChange={event => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
    </section>
  );
}

function Hash({ busy, onSignal }: { busy: boolean; onSignal: (signal: Signal) => void }) {
  const t = useTexts().data.find;
  const [text, setText] = useState("");
  const [bare, setBare] = useState<SignalType>("pdq");
  const [wrong, setWrong] = useState(false);
  return (
    <Form
      class="card stack"
      onSend={() => {
        const signal = readSignal(text, bare);
        setWrong(!signal);
        if (signal) onSignal(signal);
      }}
    >
      <TextField
        label={t.hash}
        hint={t.hashHint}
        error={wrong ? t.hashWrong : null}
        value={text}
        onValue={value => {
          setText(value);
          setWrong(false);
        }}
        dir="ltr"
        class="mono"
        autoComplete="off"
        spellcheck={false}
        required
      />
      <SelectField
        label={t.hashType}
        value={bare}
        onValue={value => setBare(value as SignalType)}
        options={[
          { value: "pdq", text: "pdq" },
          { value: "sha256", text: "sha256" },
        ]}
      />
      <Button type="submit" icon="search" busy={busy}>
        {t.ask}
      </Button>
    </Form>
  );
}

function Told({ of, whole }: { of: Answer; whole: boolean }) {
  const texts = useTexts();
  const t = texts.data.find;
  const now = of.known.filter(one => one.match);
  const past = of.known.filter(one => !one.match);
  const unread = (of.hashed?.undecided.length ?? 0) > 0;
  const plain = !!of.hashed?.pictures.length && of.hashed.pictures.every(picture => picture.degenerate);
  return (
    <>
      <h2>{t.answer}</h2>
      <Note tone={now.length ? "warn" : "plain"}>
        <p>
          <strong>{now.length ? t.known(now.length) : of.name === null ? t.nothingHash : t.nothing}</strong>
        </p>
        {past.length > 0 && <p>{t.was(past.length)}</p>}
        {!now.length && <p>{t.clears}</p>}
      </Note>
      {unread && (
        <Note tone="warn">
          <p>{t.undecided}</p>
          {of.hashed?.undecided.map(one => (
            <p key={one.code} class="small" dir="auto">
              {one.reason}
            </p>
          ))}
        </Note>
      )}
      {plain && <Note>{t.degenerate}</Note>}
      {of.behind && <Note tone="warn">{t.behind}</Note>}
      {of.known.length > 0 && <KnownTable known={of.known} links={whole} isFile={of.name !== null} />}
      {!whole && <p class="muted">{t.mayNot}</p>}
      {of.hashed && <About name={of.name ?? ""} of={of.hashed} />}
    </>
  );
}

function KnownTable({ known, links, isFile }: { known: Known[]; links: boolean; isFile: boolean }) {
  const texts = useTexts();
  const t = texts.data;
  const near = ({ match, held }: Known) => {
    const digest = match ? match.signal !== "pdq" : held?.signals.every(one => one.type !== "pdq");
    if (!match || digest) return isFile && digest ? t.find.same : t.find.sameSignal;
    const looks = t.find.looks(number(match.distance), number(match.threshold));
    const turn = match.orientation && match.orientation !== "original";
    return turn ? `${looks} (${word(texts.desk.orientations, match.orientation)})` : looks;
  };
  const columns: Column<Known>[] = [
    {
      head: t.entry,
      kind: "main",
      cell: one => (links ? <a href={"/entries/" + one.entry}>{number(one.entry)}</a> : number(one.entry)),
    },
    { head: t.find.how, cell: near },
    {
      head: t.inBank,
      cell: one => (
        <a href={bankPath(one.bank)}>
          <bdi>{one.bank}</bdi>
        </a>
      ),
    },
    {
      head: t.find.would,
      cell: one =>
        one.match ? (
          <span class="badges">
            <ModeBadge mode={one.match.mode} />
            <span class="muted small">{t.find.wouldWords[one.match.mode]}</span>
          </span>
        ) : (
          <span class="muted">{t.find.noMore}</span>
        ),
    },
    {
      head: t.state,
      cell: one =>
        one.held ? (
          <StateBadges of={one.held} />
        ) : (
          <span class="badges">
            <Badge tone="good">{t.states.in_force}</Badge>
            {one.match?.disputed && <Badge tone="bad">{t.disputed}</Badge>}
          </span>
        ),
    },
    { head: t.class, cell: one => word(texts.desk.classes, one.class) },
    { head: t.labels, cell: one => <Labels of={one.labels} /> },
  ];
  return <Table caption={t.find.answer} rows={known} rowKey={one => one.entry} columns={columns} />;
}

function About({ name, of }: { name: string; of: Hashed }) {
  const t = useTexts().data.find;
  const { content } = of;
  return (
    <section class="card part">
      <h2>{t.about}</h2>
      <Facts
        rows={[
          [t.name, <bdi>{iso(name)}</bdi>],
          [t.format, content.format ?? t.unknownFormat],
          [t.size, bytes(content.size)],
          ...(content.width
            ? [[t.pixels, `${number(content.width)} × ${number(content.height ?? 0)}`] as [string, string]]
            : []),
          ...(content.quality !== undefined
            ? [[t.quality, number(content.quality)] as [string, string]]
            : []),
        ]}
      />
      <ul class="bare">
        {of.signals.map(one => (
          <li key={one.type} class="signal">
            <Badge>{one.type}</Badge>
            <CopyText text={one.value} />
          </li>
        ))}
      </ul>
    </section>
  );
}
