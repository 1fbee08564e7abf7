import { useState } from "preact/hooks";
import { get, post, useAction, useLoad } from "../api";
import { date, list, useTexts } from "../i18n";
import { useMay } from "../may";
import { navigate } from "../router";
import type { Webhook } from "../types";
import {
  Badge,
  Button,
  CheckField,
  CopyText,
  Dialog,
  FormDialog,
  Load,
  Page,
  RadioField,
  Table,
  TextField,
} from "../ui";
import { BankPicker } from "./keys/bank-picker";

export default function Webhooks() {
  const t = useTexts().shell;
  const may = useMay();
  const hooks = useLoad<{ webhooks: Webhook[] }>(may("webhook.read") ? "/v1/webhooks" : null);
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<Webhook | null>(null);
  const create = may("webhook.change") && (
    <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
      {t.webhooks.create}
    </Button>
  );
  return (
    <Page title={t.pages.webhooks} actions={create} right="webhook.read">
      <p class="muted">{t.webhooks.lead}</p>
      <Load of={hooks}>{data => <HookTable hooks={data.webhooks} />}</Load>
      {creating && (
        <Create
          onMade={hook => {
            hooks.reload();
            setCreating(false);
            setMade(hook);
          }}
          onClose={() => setCreating(false)}
        />
      )}
      {made?.secret && <Secret secret={made.secret} onClose={() => navigate("/webhooks/" + made.id)} />}
    </Page>
  );
}

export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const t = useTexts().shell.webhooks;
  return (
    <Dialog title={t.secretTitle} onClose={onClose}>
      <p>{t.secretText}</p>
      <CopyText text={secret} />
    </Dialog>
  );
}

function HookTable({ hooks }: { hooks: Webhook[] }) {
  const t = useTexts().shell;
  const columns = [
    {
      head: t.webhooks.url,
      kind: "main" as const,
      cell: (hook: Webhook) => (
        <a href={"/webhooks/" + hook.id} class="mono">
          {hook.url}
        </a>
      ),
    },
    { head: t.webhooks.events, cell: (hook: Webhook) => <EventsOf hook={hook} /> },
    {
      head: t.webhooks.banks,
      cell: (hook: Webhook) => (hook.banks?.length ? <bdi>{list(hook.banks)}</bdi> : t.keys.allBanks),
    },
    { head: t.webhooks.state, cell: (hook: Webhook) => <HookState hook={hook} /> },
    { head: t.webhooks.created, cell: (hook: Webhook) => date(Date.parse(hook.created)) },
  ];
  return (
    <Table
      caption={t.pages.webhooks}
      columns={columns}
      rows={hooks}
      rowKey={hook => hook.id}
      empty={t.webhooks.none}
    />
  );
}

export function EventsOf({ hook }: { hook: Webhook }) {
  const t = useTexts().shell.webhooks;
  return hook.events.includes("*") ? <>{t.allEvents}</> : <bdi class="mono">{hook.events.join(", ")}</bdi>;
}

export function HookState({ hook }: { hook: Webhook }) {
  const t = useTexts().shell.webhooks;
  return hook.enabled ? <Badge tone="good">{t.enabled}</Badge> : <Badge>{t.disabled}</Badge>;
}

// The names as the API itself lists them, in the words of its description.
async function eventNames(): Promise<string[]> {
  const api = await get<{ components: { schemas: { EventName?: { description?: string } } } }>(
    "/v1/openapi.json",
  );
  const text = api.components.schemas.EventName?.description ?? "";
  return text.match(/\b[a-z]+\.[a-z]+\b/g) ?? [];
}

function Create({ onMade, onClose }: { onMade: (hook: Webhook) => void; onClose: () => void }) {
  const t = useTexts().shell;
  const [url, setUrl] = useState("https://");
  const [all, setAll] = useState(true);
  const [events, setEvents] = useState<string[]>([]);
  const [names, setNames] = useState<string[]>([]);
  const [banks, setBanks] = useState<string[]>([]);
  const sending = useAction(async () => {
    const body = { url: url.trim(), events: all ? ["*"] : events, ...(banks.length ? { banks } : {}) };
    onMade(await post<Webhook>("/v1/webhooks", body));
  });
  const choose = (value: string) => {
    setAll(value === "all");
    if (value !== "all" && !names.length) void eventNames().then(setNames, () => setAll(true));
  };
  return (
    <FormDialog
      title={t.webhooks.create}
      action={t.webhooks.create}
      of={sending}
      incomplete={!all && !events.length}
      onClose={onClose}
    >
      <TextField
        label={t.webhooks.url}
        hint={t.webhooks.urlHint}
        type="url"
        value={url}
        onValue={setUrl}
        dir="ltr"
        class="mono"
        autoComplete="off"
        required
      />
      <RadioField
        label={t.webhooks.events}
        value={all ? "all" : "some"}
        onValue={choose}
        options={[
          { value: "all", text: t.webhooks.allEvents },
          { value: "some", text: t.webhooks.someEvents },
        ]}
      />
      {!all && (
        <div class="choices scrolls">
          {names.map(name => (
            <CheckField
              key={name}
              label={<bdi class="mono">{name}</bdi>}
              checked={events.includes(name)}
              onValue={on => setEvents(on ? [...events, name] : events.filter(one => one !== name))}
            />
          ))}
        </div>
      )}
      <BankPicker value={banks} onValue={setBanks} />
    </FormDialog>
  );
}
