import { useState } from "preact/hooks";
import { patch, post, session, useAction, useLoad } from "../api";
import { date, dateTime, list, span, useTexts } from "../i18n";
import { useMay } from "../may";
import type { Exposure, GroupExposure, Invited, Role, User } from "../types";
import {
  Badge,
  Button,
  Confirm,
  CopyText,
  Dialog,
  ErrorNote,
  Facts,
  FormDialog,
  Load,
  Menu,
  Page,
  RadioField,
  Table,
  TextField,
  toast,
} from "../ui";
import { BankPicker } from "./keys/bank-picker";

const roles: Role[] = ["reviewer", "curator", "operator", "auditor"];
type Open =
  { what: "invite" } | { what: "role" | "disable" | "reset"; user: User } | { what: "link"; made: Invited };

export default function Users() {
  const t = useTexts().shell;
  const may = useMay();
  const users = useLoad<{ users: User[] }>(may("user.read") ? "/v1/users?limit=1000" : null);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const made = (invitation: Invited | null) => {
    users.reload();
    setOpen(invitation?.invitation ? { what: "link", made: invitation } : null);
  };
  const invite = may("user.change") && (
    <Button kind="primary" icon="plus" onClick={() => setOpen({ what: "invite" })}>
      {t.users.invite}
    </Button>
  );
  return (
    <Page title={t.pages.users} actions={invite} right="user.read">
      <p class="muted">{t.users.lead}</p>
      <Load of={users}>{data => <People users={data.users} onOpen={setOpen} onDone={users.reload} />}</Load>
      {may("exposure.group") && <Group />}
      {open?.what === "invite" && <Invite onMade={made} onClose={close} />}
      {open?.what === "role" && <ChangeRole user={open.user} onMade={made} onClose={close} />}
      {open?.what === "disable" && <Disable user={open.user} onMade={made} onClose={close} />}
      {open?.what === "reset" && <Reset user={open.user} onMade={made} onClose={close} />}
      {open?.what === "link" && <Link made={open.made} onClose={close} />}
    </Page>
  );
}

function People({
  users,
  onOpen,
  onDone,
}: {
  users: User[];
  onOpen: (open: Open) => void;
  onDone: () => void;
}) {
  const t = useTexts().shell;
  const may = useMay();
  const self = session.get()?.user?.name;
  const { run, error } = useAction(async (user: User, change: object, text: string) => {
    await patch("/v1/users/" + user.user, change);
    toast(text);
    onDone();
  });
  const items = (user: User) => [
    { text: t.users.changeRole, run: () => onOpen({ what: "role", user }) },
    { text: t.users.reset, run: () => onOpen({ what: "reset", user }) },
    { text: t.users.unlock, run: () => run(user, { unlock: true }, t.users.unlocked) },
    user.enabled
      ? { text: t.users.disable, danger: true, run: () => onOpen({ what: "disable", user }) }
      : { text: t.users.enable, run: () => run(user, { enabled: true }, t.saved) },
  ];
  const columns = [
    {
      head: t.users.name,
      kind: "main" as const,
      cell: (user: User) => (
        <>
          <bdi>{user.name}</bdi> {user.name === self && <Badge>{t.users.you}</Badge>}
        </>
      ),
    },
    { head: t.users.role, cell: (user: User) => t.roles[user.role] },
    {
      head: t.users.banks,
      cell: (user: User) => (user.banks?.length ? <bdi>{list(user.banks)}</bdi> : t.users.allBanks),
    },
    { head: t.users.state, cell: (user: User) => <State user={user} /> },
    { head: t.users.created, cell: (user: User) => date(user.created_ms) },
    ...(may("user.change")
      ? [
          {
            head: t.actions,
            kind: "actions" as const,
            // Nobody changes their own role or access.
            cell: (user: User) =>
              user.name !== self && <Menu label={`${t.actions}: ${user.name}`} items={items(user)} />,
          },
        ]
      : []),
  ];
  return (
    <>
      <ErrorNote error={error} />
      <Table
        caption={t.pages.users}
        columns={columns}
        rows={users}
        rowKey={user => user.user}
        empty={t.users.none}
      />
    </>
  );
}

function State({ user }: { user: User }) {
  const t = useTexts().shell.users;
  if (!user.enabled) return <Badge tone="bad">{t.disabled}</Badge>;
  if (user.invited_until_ms) return <Badge tone="note">{t.invited(dateTime(user.invited_until_ms))}</Badge>;
  return user.enrolled ? <Badge tone="good">{t.enabled}</Badge> : <Badge tone="warn">{t.lapsed}</Badge>;
}

interface DialogProps {
  onMade: (invitation: Invited | null) => void;
  onClose: () => void;
}

function RoleField({ value, onValue }: { value: Role; onValue: (role: Role) => void }) {
  const t = useTexts().shell;
  const options = roles.map(role => ({ value: role, text: t.roles[role], hint: t.users.roleHelp[role] }));
  return (
    <RadioField
      label={t.users.role}
      value={value}
      onValue={role => onValue(role as Role)}
      options={options}
    />
  );
}

function Invite({ onMade, onClose }: DialogProps) {
  const t = useTexts().shell;
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("reviewer");
  const [banks, setBanks] = useState<string[]>([]);
  const sending = useAction(async () => {
    const limited = banks.length ? { banks } : {};
    onMade(await post<Invited>("/v1/users", { name: name.trim(), role, ...limited }));
  });
  return (
    <FormDialog title={t.users.invite} action={t.users.sendInvitation} of={sending} onClose={onClose}>
      <TextField
        label={t.users.name}
        hint={t.users.nameHint}
        value={name}
        onValue={setName}
        maxLength={64}
        dir="auto"
        autoComplete="off"
        required
      />
      <RoleField value={role} onValue={setRole} />
      <BankPicker value={banks} onValue={setBanks} />
    </FormDialog>
  );
}

function ChangeRole({ user, onMade, onClose }: DialogProps & { user: User }) {
  const t = useTexts().shell;
  const [role, setRole] = useState(user.role);
  const { run, busy, error } = useAction(async () => {
    await patch("/v1/users/" + user.user, { role });
    onMade(null);
  });
  return (
    <Confirm
      title={`${t.users.changeRole}: ${user.name}`}
      action={t.save}
      busy={busy}
      onYes={run}
      onClose={onClose}
    >
      <ErrorNote error={error} />
      <RoleField value={role} onValue={setRole} />
    </Confirm>
  );
}

function Disable({ user, onMade, onClose }: DialogProps & { user: User }) {
  const t = useTexts().shell;
  const { run, busy, error } = useAction(async () => {
    await patch("/v1/users/" + user.user, { enabled: false });
    onMade(null);
  });
  return (
    <Confirm
      title={`${t.users.disable}: ${user.name}`}
      action={t.users.disable}
      danger
      busy={busy}
      onYes={run}
      onClose={onClose}
    >
      <ErrorNote error={error} />
      <p>{t.users.disableText(user.name)}</p>
    </Confirm>
  );
}

function Reset({ user, onMade, onClose }: DialogProps & { user: User }) {
  const t = useTexts().shell;
  const { run, busy, error } = useAction(async () => {
    onMade(await patch<Invited>("/v1/users/" + user.user, { reset: true }));
  });
  return (
    <Confirm
      title={`${t.users.reset}: ${user.name}`}
      action={t.users.sendInvitation}
      danger
      busy={busy}
      onYes={run}
      onClose={onClose}
    >
      <ErrorNote error={error} />
      <p>{t.users.resetText(user.name)}</p>
    </Confirm>
  );
}

function Link({ made, onClose }: { made: Invited; onClose: () => void }) {
  const t = useTexts().shell;
  if (!made.invitation) return null;
  const { url, until_ms } = made.invitation;
  return (
    <Dialog title={t.users.invitation(made.user.name)} onClose={onClose}>
      <p>{t.users.invitationText}</p>
      <CopyText text={new URL(url, window.location.origin).href} />
      <p class="muted">{t.users.invitationUntil(dateTime(until_ms))}</p>
    </Dialog>
  );
}

function Group() {
  const t = useTexts().shell;
  const group = useLoad<GroupExposure>("/v1/exposure");
  const text = (one: Exposure) =>
    `${t.account.reveals(one.reveals)} · ${t.account.seconds(span(one.seconds))}`;
  return (
    <section class="card stack">
      <h2>{t.users.group}</h2>
      <p class="muted">{t.users.groupText}</p>
      <Load of={group} lines={2}>
        {data =>
          data.group ? (
            <Facts
              rows={[
                [t.pages.users, t.users.groupPeople(data.group.people)],
                [t.account.week, text(data.group.week)],
              ]}
            />
          ) : (
            <p>{t.users.groupNone}</p>
          )
        }
      </Load>
    </section>
  );
}
