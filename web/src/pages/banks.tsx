import { useState } from "preact/hooks";
import { post, useAction, usePages } from "../api";
import { ModeField, NAME, ThresholdField } from "../data/bank-form";
import { bankPath, ModeBadge, Owner } from "../data/words";
import { date, number, useTexts } from "../i18n";
import { useMay } from "../may";
import { navigate } from "../router";
import type { Bank, BankList, Mode } from "../types";
import {
  Badge,
  Button,
  CheckField,
  Empty,
  ErrorNote,
  FormDialog,
  Page,
  Pager,
  Skeleton,
  Table,
  TextField,
  toast,
} from "../ui";
import "../styles/desk.css";
import "../styles/data.css";

export default function Banks() {
  const texts = useTexts();
  const t = texts.data;
  const may = useMay();
  const [making, setMaking] = useState(false);
  const pages = usePages<BankList, Bank>("/v1/banks?limit=100", answer => answer.banks);
  const create = may("bank.create") && (
    <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
      {t.banks.create}
    </Button>
  );
  return (
    <Page title={texts.shell.pages.banks} right="bank.read" actions={create}>
      <p class="muted lead">{t.banks.lead}</p>
      <ErrorNote error={pages.error?.passing ? null : pages.error} retry={pages.reload} />
      {pages.loading ? (
        <Skeleton lines={6} />
      ) : pages.items.length ? (
        <BankTable banks={pages.items} />
      ) : (
        !pages.error && (
          <Empty>
            <p>{t.banks.none}</p>
          </Empty>
        )
      )}
      <Pager of={pages} />
      {making && <Create onClose={() => setMaking(false)} />}
    </Page>
  );
}

function BankTable({ banks }: { banks: Bank[] }) {
  const texts = useTexts();
  const t = texts.data;
  return (
    <Table<Bank>
      caption={texts.shell.pages.banks}
      rows={banks}
      rowKey={bank => bank.name}
      columns={[
        {
          head: t.banks.name,
          kind: "main",
          cell: bank => (
            <a href={bankPath(bank.name)}>
              <bdi>{bank.name}</bdi>
            </a>
          ),
        },
        {
          head: t.banks.mode,
          cell: bank => (
            <span class="badges">
              <ModeBadge mode={bank.mode} />
              {bank.second_eyes && <Badge>{t.bank.secondEyes}</Badge>}
            </span>
          ),
        },
        { head: t.threshold, kind: "number", cell: bank => number(bank.threshold) },
        { head: t.banks.entries, kind: "number", cell: bank => number(bank.entries) },
        { head: t.banks.withdrawn, kind: "number", cell: bank => number(bank.withdrawn) },
        { head: t.owner, cell: bank => <Owner own={bank.own} member={bank.member} /> },
        { head: t.banks.created, cell: bank => date(Date.parse(bank.created)) },
      ]}
    />
  );
}

function Create({ onClose }: { onClose: () => void }) {
  const t = useTexts().data;
  const [name, setName] = useState("");
  const [mode, setMode] = useState<Mode>("shadow");
  const [threshold, setThreshold] = useState(31);
  const [secondEyes, setSecondEyes] = useState(false);
  const sending = useAction(async () => {
    const bank = await post<Bank>("/v1/banks", { name, mode, threshold, second_eyes: secondEyes });
    toast(t.banks.made(bank.name));
    navigate(bankPath(bank.name));
  });
  return (
    <FormDialog title={t.banks.create} action={t.banks.createNow} of={sending} onClose={onClose}>
      <TextField
        label={t.banks.name}
        hint={t.banks.nameHint}
        value={name}
        onValue={setName}
        pattern={NAME}
        maxLength={64}
        dir="ltr"
        autoComplete="off"
        required
      />
      <ModeField value={mode} onValue={setMode} />
      <p class="hint">{t.banks.modeHint}</p>
      <ThresholdField value={threshold} onValue={setThreshold} />
      <CheckField
        label={t.bank.secondEyes}
        hint={t.bank.secondEyesHelp}
        checked={secondEyes}
        onValue={setSecondEyes}
      />
    </FormDialog>
  );
}
