import { useState } from "preact/hooks";
import { patch, remove, useAction, useLoad, usePages, withQuery, type Loaded } from "../api";
import { AddEntries, ImportList } from "../data/add";
import { ModeField, NAME, ThresholdField } from "../data/bank-form";
import { BankEffect } from "../data/effect";
import { EntryTable } from "../data/entry-table";
import type { Entry, EntryPage } from "../data/types";
import { bankApi, bankPath, ModeBadge, Owner } from "../data/words";
import { date, number, useTexts } from "../i18n";
import { useMay } from "../may";
import { navigate, useRoute, useUnsaved } from "../router";
import type { Bank } from "../types";
import {
  Button,
  CheckField,
  Confirm,
  Empty,
  ErrorNote,
  Facts,
  Form,
  FormDialog,
  LinkButton,
  Load,
  Menu,
  Note,
  Page,
  Pager,
  Skeleton,
  TextField,
  toast,
} from "../ui";
import "../styles/desk.css";
import "../styles/data.css";

type Open = "rename" | "remove" | "add" | "import" | null;

export default function BankPage() {
  const t = useTexts().data;
  const name = useRoute().params["bank"] ?? "";
  const bank = useLoad<Bank>(bankApi(name));
  const [open, setOpen] = useState<Open>(null);
  const [turn, setTurn] = useState(0); // of the list
  const close = () => setOpen(null);
  const added = () => {
    bank.reload();
    setTurn(turn + 1);
  };
  const of = bank.data;
  return (
    <Page title={name} right="bank.read" actions={of && <Actions of={of} open={setOpen} />}>
      {bank.error?.status === 404 ? (
        <Note tone="warn">{t.bank.gone}</Note>
      ) : (
        <Load of={bank} lines={8}>
          {data => (
            <>
              <Facts
                rows={[
                  [t.banks.mode, <ModeBadge mode={data.mode} />],
                  [t.entries.member, <Owner own={data.own} member={data.member} />],
                  [t.banks.entries, t.bank.counts(number(data.entries), number(data.withdrawn))],
                  [t.banks.created, date(Date.parse(data.created))],
                  [t.one.gid, <bdi class="mono small">{data.gid}</bdi>],
                ]}
              />
              <Settings key={data.name} of={data} bank={bank} />
              <Entries key={turn} of={data} />
            </>
          )}
        </Load>
      )}
      {of && open === "rename" && <Rename of={of} onClose={close} />}
      {of && open === "remove" && <Remove of={of} onClose={close} />}
      {of && open === "add" && <AddEntries bank={of.name} onAdded={added} onClose={close} />}
      {of && open === "import" && <ImportList bank={of.name} onAdded={added} onClose={close} />}
    </Page>
  );
}

function Actions({ of, open }: { of: Bank; open: (what: Open) => void }) {
  const t = useTexts().data;
  const may = useMay();
  const take = (format: string) => () =>
    window.location.assign(withQuery(bankApi(of.name) + "/export", { format }));
  const own = of.own && may("bank.create");
  const more = [
    ...(own ? [{ text: t.bank.import, run: () => open("import") }] : []),
    ...(own ? [{ text: t.bank.rename, run: () => open("rename") }] : []),
    ...(of.own && may("entry.erase")
      ? [{ text: t.bank.remove, danger: true, run: () => open("remove") }]
      : []),
  ];
  return (
    <>
      {of.own && may("entry.add") && (
        <Button kind="primary" icon="plus" onClick={() => open("add")}>
          {t.bank.add}
        </Button>
      )}
      {may("entry.read") && (
        <Menu
          label={t.bank.export}
          text={t.bank.export}
          icon="down"
          items={[
            { text: t.bank.exportJson, run: take("jsonl") },
            { text: t.bank.exportCsv, run: take("csv") },
            { text: t.bank.exportLines, run: take("lines") },
          ]}
        />
      )}
      {more.length > 0 && <Menu label={t.one.end} items={more} />}
    </>
  );
}

function Settings({ of, bank }: { of: Bank; bank: Loaded<Bank> }) {
  const texts = useTexts();
  const t = texts.data;
  const may = useMay();
  const [mode, setMode] = useState(of.mode);
  const [threshold, setThreshold] = useState(of.threshold);
  const [sample, setSample] = useState(String(of.sample_ppm / 1e4));
  const [eyes, setEyes] = useState(of.second_eyes);
  const sample_ppm = Math.round(Number(sample) * 1e4);
  const dirty =
    mode !== of.mode || threshold !== of.threshold || eyes !== of.second_eyes || sample_ppm !== of.sample_ppm;
  useUnsaved(dirty, texts.shell.leave);
  const save = useAction(async () => {
    bank.set(await patch<Bank>(bankApi(of.name), { mode, threshold, sample_ppm, second_eyes: eyes }));
    toast(t.bank.saved);
  });
  return (
    <div class="beside-effect">
      <section class="card part">
        <h2>{t.bank.settings}</h2>
        <Form onSend={save.run}>
          <ErrorNote error={save.error} />
          <ModeField value={mode} onValue={setMode} />
          {mode === "block" && of.mode !== "block" && <Note tone="warn">{t.bank.blockNow}</Note>}
          <ThresholdField value={threshold} onValue={setThreshold} />
          <TextField
            label={t.bank.sampling}
            hint={t.bank.samplingHelp}
            type="number"
            min={0}
            max={100}
            step="0.0001"
            value={sample}
            onValue={setSample}
            required
          />
          <CheckField
            label={t.bank.secondEyes}
            hint={t.bank.secondEyesHelp}
            checked={eyes}
            onValue={setEyes}
          />
          {may("bank.change") && (
            <Button kind="primary" type="submit" busy={save.busy} disabled={!dirty}>
              {t.bank.save}
            </Button>
          )}
        </Form>
      </section>
      {may("insight.read") && <BankEffect bank={of} mode={mode} threshold={threshold} />}
    </div>
  );
}

function Entries({ of }: { of: Bank }) {
  const t = useTexts().data;
  const may = useMay();
  const [gone, setGone] = useState(false);
  const path = withQuery(bankApi(of.name) + "/entries", { limit: 50, gone: gone || null });
  const pages = usePages<EntryPage, Entry>(may("entry.read") ? path : null, answer => answer.entries);
  if (!may("entry.read")) return null;
  return (
    <section class="stack">
      <div class="row between">
        <h2>{t.bank.entries}</h2>
        <div class="row">
          <CheckField label={t.bank.gone_too} checked={gone} onValue={setGone} />
          <LinkButton kind="quiet" icon="search" href={withQuery("/entries", { bank: of.name })}>
            {t.bank.search}
          </LinkButton>
        </div>
      </div>
      <ErrorNote error={pages.error?.passing ? null : pages.error} retry={pages.reload} />
      {pages.loading ? (
        <Skeleton lines={6} />
      ) : pages.items.length ? (
        <EntryTable entries={pages.items} bank={false} />
      ) : (
        !pages.error && <Empty>{of.withdrawn ? t.bank.noEntriesInForce : t.bank.noEntries}</Empty>
      )}
      <Pager of={pages} />
    </section>
  );
}

function Rename({ of, onClose }: { of: Bank; onClose: () => void }) {
  const t = useTexts().data;
  const [name, setName] = useState(of.name);
  const sending = useAction(async () => {
    const bank = await patch<Bank>(bankApi(of.name), { name });
    toast(t.bank.renamed(bank.name));
    navigate(bankPath(bank.name), { replace: true, force: true });
  });
  return (
    <FormDialog
      title={t.bank.rename}
      action={t.bank.rename}
      of={sending}
      incomplete={name === of.name}
      onClose={onClose}
    >
      <p>{t.bank.renameText}</p>
      <TextField
        label={t.bank.newName}
        hint={t.banks.nameHint}
        value={name}
        onValue={setName}
        pattern={NAME}
        maxLength={64}
        dir="ltr"
        autoComplete="off"
        required
      />
    </FormDialog>
  );
}

function Remove({ of, onClose }: { of: Bank; onClose: () => void }) {
  const t = useTexts().data;
  const [typed, setTyped] = useState("");
  const { run, busy, error } = useAction(async () => {
    if (typed !== of.name) return;
    await remove(bankApi(of.name));
    toast(t.bank.removed(of.name));
    navigate("/banks", { replace: true, force: true });
  });
  return (
    <Confirm
      title={t.bank.removeTitle(of.name)}
      action={t.bank.remove}
      danger
      busy={busy || typed !== of.name}
      onYes={run}
      onClose={onClose}
    >
      <ErrorNote error={error} />
      <p>{t.bank.removeText(of.entries)}</p>
      <TextField
        label={t.bank.removeType(of.name)}
        value={typed}
        onValue={setTyped}
        dir="ltr"
        autoComplete="off"
      />
    </Confirm>
  );
}
