import { useState } from "preact/hooks";
import { post, remove, session, useAction, useLoad } from "../api";
import { date, list, useTexts } from "../i18n";
import { useMay } from "../may";
import type { Key, KeyMade, Role } from "../types";
import {
  Ago,
  Badge,
  Button,
  CheckField,
  Confirm,
  CopyText,
  Dialog,
  ErrorNote,
  FormDialog,
  Load,
  Page,
  SelectField,
  Table,
  TextField,
} from "../ui";
import { BankPicker } from "./keys/bank-picker";

const roles: Role[] = ["checker", "curator", "reviewer", "operator", "auditor"];
type KeyState = "good" | "resting" | "expired" | "revoked";
type Open = { what: "create" } | { what: "made"; key: KeyMade } | { what: "revoke"; key: Key };

function stateOf(key: Key): KeyState {
  if (key.revoked) return "revoked";
  if (key.expires && Date.parse(key.expires) <= Date.now()) return "expired";
  return key.held_by && !key.held_by.able ? "resting" : "good";
}

// One that rests is listed, and can be revoked, as one in force.
const live = (key: Key) => ["good", "resting"].includes(stateOf(key));

export default function Keys() {
  const t = useTexts().shell;
  const may = useMay();
  const keys = useLoad<{ keys: Key[] }>(may("key.read") ? "/v1/keys" : null);
  const [open, setOpen] = useState<Open | null>(null);
  const [old, setOld] = useState(false);
  const close = () => setOpen(null);
  const done = (next: Open | null) => {
    keys.reload();
    setOpen(next);
  };
  const create = may("key.change") && (
    <Button kind="primary" icon="plus" onClick={() => setOpen({ what: "create" })}>
      {t.keys.create}
    </Button>
  );
  return (
    <Page title={t.pages.keys} actions={create} right="key.read">
      <p class="muted">{t.keys.lead}</p>
      <Load of={keys}>
        {data => (
          <>
            <KeyTable
              keys={data.keys.filter(key => old || live(key))}
              onRevoke={key => setOpen({ what: "revoke", key })}
            />
            {data.keys.some(key => !live(key)) && (
              <CheckField label={t.keys.showOld} checked={old} onValue={setOld} />
            )}
          </>
        )}
      </Load>
      {open?.what === "create" && <Create onMade={key => done({ what: "made", key })} onClose={close} />}
      {open?.what === "made" && (
        <Dialog title={t.keys.madeTitle} onClose={close}>
          <p>{t.keys.madeText}</p>
          <CopyText text={open.key.key} />
        </Dialog>
      )}
      {open?.what === "revoke" && <Revoke of={open.key} onDone={() => done(null)} onClose={close} />}
    </Page>
  );
}

function KeyTable({ keys, onRevoke }: { keys: Key[]; onRevoke: (key: Key) => void }) {
  const t = useTexts().shell;
  const may = useMay();
  const tones = { good: "good", resting: "warn", expired: "plain", revoked: "bad" } as const;
  const columns = [
    {
      head: t.keys.name,
      kind: "main" as const,
      cell: (key: Key) => (
        <>
          <bdi>{key.name}</bdi> <span class="mono muted small">{key.id}</span>
        </>
      ),
    },
    { head: t.keys.role, cell: (key: Key) => t.roles[key.role] },
    {
      head: t.keys.heldBy,
      cell: (key: Key) =>
        key.held_by ? <bdi>{key.held_by.name}</bdi> : <span class="muted">{t.keys.machine}</span>,
    },
    {
      head: t.keys.banks,
      cell: (key: Key) => (key.banks?.length ? <bdi>{list(key.banks)}</bdi> : t.keys.allBanks),
    },
    { head: t.keys.used, cell: (key: Key) => (key.used ? <Ago ms={Date.parse(key.used)} /> : t.never) },
    { head: t.keys.expires, cell: (key: Key) => (key.expires ? date(Date.parse(key.expires)) : t.never) },
    {
      head: t.keys.state,
      cell: (key: Key) => <Badge tone={tones[stateOf(key)]}>{t.keys[stateOf(key)]}</Badge>,
    },
    ...(may("key.change")
      ? [
          {
            head: t.actions,
            kind: "actions" as const,
            cell: (key: Key) =>
              live(key) && (
                <Button small onClick={() => onRevoke(key)} label={`${t.keys.revoke}: ${key.name}`}>
                  {t.keys.revoke}
                </Button>
              ),
          },
        ]
      : []),
  ];
  return (
    <Table caption={t.pages.keys} columns={columns} rows={keys} rowKey={key => key.id} empty={t.keys.none} />
  );
}

function Create({ onMade, onClose }: { onMade: (key: KeyMade) => void; onClose: () => void }) {
  const t = useTexts().shell;
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("checker");
  const me = session.get()?.user?.name;
  const [heldBy, setHeldBy] = useState("");
  const [banks, setBanks] = useState<string[]>([]);
  const [expires, setExpires] = useState("");
  const [rate, setRate] = useState("0");
  const [quota, setQuota] = useState("0");
  const sending = useAction(async () => {
    const limits = { rate_per_s: Number(rate), quota_per_day: Number(quota) };
    const body = {
      name: name.trim(),
      role,
      ...limits,
      ...(heldBy ? { held_by: heldBy } : {}),
      ...(banks.length ? { banks } : {}),
      ...(expires ? { expires } : {}),
    };
    onMade(await post<KeyMade>("/v1/keys", body));
  });
  return (
    <FormDialog title={t.keys.create} action={t.keys.create} of={sending} onClose={onClose}>
      <TextField
        label={t.keys.name}
        hint={t.keys.nameHint}
        value={name}
        onValue={setName}
        maxLength={64}
        dir="auto"
        autoComplete="off"
        required
      />
      <SelectField
        label={t.keys.role}
        hint={t.users.roleHelp[role]}
        value={role}
        onValue={next => setRole(next as Role)}
        options={roles.map(value => ({ value, text: t.roles[value] }))}
      />
      <SelectField
        label={t.keys.heldBy}
        hint={t.keys.heldByHint}
        value={heldBy}
        onValue={setHeldBy}
        options={[{ value: "", text: t.keys.machine }, ...(me ? [{ value: me, text: t.keys.me(me) }] : [])]}
      />
      <BankPicker value={banks} onValue={setBanks} />
      <TextField
        label={t.keys.expires}
        hint={t.keys.expiresHint}
        type="date"
        value={expires}
        onValue={setExpires}
        min={new Date(Date.now() + 864e5).toISOString().slice(0, 10)}
        optional
      />
      <div class="columns">
        <TextField
          label={t.keys.rate}
          hint={t.keys.rateHint}
          type="number"
          min={0}
          max={1000000}
          value={rate}
          onValue={setRate}
          required
        />
        <TextField
          label={t.keys.quota}
          hint={t.keys.quotaHint}
          type="number"
          min={0}
          value={quota}
          onValue={setQuota}
          required
        />
      </div>
    </FormDialog>
  );
}

function Revoke({ of, onDone, onClose }: { of: Key; onDone: () => void; onClose: () => void }) {
  const t = useTexts().shell;
  const { run, busy, error } = useAction(async () => {
    await remove("/v1/keys/" + of.id);
    onDone();
  });
  return (
    <Confirm
      title={t.keys.revokeTitle(of.name)}
      action={t.keys.revoke}
      danger
      busy={busy}
      onYes={run}
      onClose={onClose}
    >
      <ErrorNote error={error} />
      <p>{t.keys.revokeText}</p>
    </Confirm>
  );
}
