import { useState } from "preact/hooks";
import { patch, post, remove, useAction, useLoad, usePages } from "../api";
import { list, useTexts } from "../i18n";
import { useMay } from "../may";
import { navigate, useRoute } from "../router";
import type { Delivery, DeliveryList, Webhook } from "../types";
import {
  Ago,
  Button,
  Confirm,
  Dialog,
  Empty,
  ErrorNote,
  Facts,
  Load,
  Menu,
  Page,
  Pager,
  Skeleton,
  Table,
  Tabs,
  toast,
  When,
} from "../ui";
import { EventsOf, HookState, Secret } from "./webhooks";

export default function WebhookPage() {
  const t = useTexts().shell;
  const { params } = useRoute();
  const hooks = useLoad<{ webhooks: Webhook[] }>(useMay()("webhook.read") ? "/v1/webhooks" : null);
  return (
    <Page title={t.pages.webhooks} right="webhook.read">
      <a href="/webhooks">{t.back}</a>
      <Load of={hooks}>
        {data => {
          const hook = data.webhooks.find(one => one.id === params["webhook"]);
          return hook ? <View hook={hook} onChanged={hooks.reload} /> : <Empty>{t.errors.not_found}</Empty>;
        }}
      </Load>
    </Page>
  );
}

function View({ hook, onChanged }: { hook: Webhook; onChanged: () => void }) {
  const t = useTexts().shell;
  const may = useMay();
  const [open, setOpen] = useState<"remove" | "secret" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const path = "/v1/webhooks/" + hook.id;
  const toggle = useAction(async () => {
    await patch(path, { enabled: !hook.enabled });
    onChanged();
    toast(t.saved);
  });
  const test = useAction(async () => {
    await post(path + "/test");
    toast(t.webhooks.tested);
  });
  const renew = useAction(async () => {
    const made = await patch<Webhook>(path, { new_secret: true });
    setOpen(null);
    setSecret(made.secret ?? null);
  });
  const drop = useAction(async () => {
    await remove(path);
    toast(t.webhooks.removed);
    navigate("/webhooks", { replace: true });
  });
  const more = [
    { text: hook.enabled ? t.webhooks.disable : t.webhooks.enable, run: toggle.run },
    { text: t.webhooks.newSecret, run: () => setOpen("secret") },
    { text: t.webhooks.remove, danger: true, run: () => setOpen("remove") },
  ];
  return (
    <>
      <section class="card stack">
        <div class="row between">
          <h2 class="mono">{hook.url}</h2>
          {may("webhook.change") && (
            <div class="row">
              <Button onClick={test.run} busy={test.busy}>
                {t.webhooks.test}
              </Button>
              <Menu label={t.webhooks.change} items={more} />
            </div>
          )}
        </div>
        <ErrorNote error={toggle.error ?? test.error} />
        <Facts
          rows={[
            [t.webhooks.state, <HookState hook={hook} />],
            [t.webhooks.events, <EventsOf hook={hook} />],
            [t.webhooks.banks, hook.banks?.length ? <bdi>{list(hook.banks)}</bdi> : t.keys.allBanks],
            [t.webhooks.created, <When ms={Date.parse(hook.created)} />],
          ]}
        />
      </section>
      <Deliveries hook={hook} />
      {open === "secret" && (
        <Confirm
          title={t.webhooks.newSecret}
          action={t.webhooks.newSecret}
          busy={renew.busy}
          onYes={renew.run}
          onClose={() => setOpen(null)}
        >
          <ErrorNote error={renew.error} />
          <p>{t.webhooks.newSecretText}</p>
        </Confirm>
      )}
      {secret && <Secret secret={secret} onClose={() => setSecret(null)} />}
      {open === "remove" && (
        <Confirm
          title={t.webhooks.removeTitle}
          action={t.webhooks.remove}
          danger
          busy={drop.busy}
          onYes={drop.run}
          onClose={() => setOpen(null)}
        >
          <ErrorNote error={drop.error} />
          <p>{t.webhooks.removeText}</p>
        </Confirm>
      )}
    </>
  );
}

function Deliveries({ hook }: { hook: Webhook }) {
  const t = useTexts().shell;
  const [state, setState] = useState<"waiting" | "dead">("dead");
  const pages = usePages<DeliveryList, Delivery>(
    `/v1/webhooks/${hook.id}/deliveries?state=${state}`,
    answer => answer.deliveries,
  );
  const may = useMay();
  const [shown, setShown] = useState<Delivery | null>(null);
  const replay = useAction(async (delivery?: number) => {
    const body = delivery === undefined ? {} : { delivery };
    const { replayed } = await post<{ replayed: number }>(`/v1/webhooks/${hook.id}/replay`, body);
    toast(t.webhooks.replayed(replayed));
    pages.reload();
  });
  const tabs = [
    { key: "dead", text: t.webhooks.dead },
    { key: "waiting", text: t.webhooks.waiting },
  ];
  const again = state === "dead" && may("webhook.change");
  return (
    <section class="stack">
      <div class="row between">
        <h2>{t.webhooks.deliveries}</h2>
        {again && pages.items.length > 0 && (
          <Button icon="reload" busy={replay.busy} onClick={() => replay.run()}>
            {t.webhooks.replayAll}
          </Button>
        )}
      </div>
      <Tabs
        label={t.webhooks.deliveries}
        tabs={tabs}
        current={state}
        onTab={key => setState(key as "waiting" | "dead")}
      >
        <ErrorNote error={pages.error ?? replay.error} retry={pages.error ? pages.reload : undefined} />
        {pages.loading ? (
          <Skeleton />
        ) : (
          <DeliveryTable
            state={state}
            deliveries={pages.items}
            onShow={setShown}
            onAgain={again ? one => replay.run(one.delivery) : null}
          />
        )}
        <Pager of={pages} />
      </Tabs>
      {shown && (
        <Dialog title={shown.event} wide onClose={() => setShown(null)}>
          {shown.last_error && <p dir="auto">{shown.last_error}</p>}
          <h3>{t.webhooks.body}</h3>
          <pre tabIndex={0}>{JSON.stringify(shown.body, null, 2)}</pre>
        </Dialog>
      )}
    </section>
  );
}

function DeliveryTable({
  state,
  deliveries,
  onShow,
  onAgain,
}: {
  state: "waiting" | "dead";
  deliveries: Delivery[];
  onShow: (one: Delivery) => void;
  onAgain: ((one: Delivery) => void) | null;
}) {
  const t = useTexts().shell;
  const columns = [
    {
      head: t.webhooks.event,
      kind: "main" as const,
      cell: (one: Delivery) => (
        <button type="button" class="link mono" onClick={() => onShow(one)}>
          {one.event}
        </button>
      ),
    },
    { head: t.webhooks.when, cell: (one: Delivery) => <Ago ms={Date.parse(one.created)} /> },
    { head: t.webhooks.attempts, kind: "number" as const, cell: (one: Delivery) => one.attempts },
    {
      head: t.webhooks.answer,
      cell: (one: Delivery) => (one.last_status ? one.last_status : t.webhooks.noAnswer),
    },
    ...(state === "waiting"
      ? [
          {
            head: t.webhooks.next,
            cell: (one: Delivery) => (one.next ? <Ago ms={Date.parse(one.next)} /> : ""),
          },
        ]
      : []),
    ...(onAgain
      ? [
          {
            head: t.actions,
            kind: "actions" as const,
            cell: (one: Delivery) => (
              <Button small onClick={() => onAgain(one)}>
                {t.webhooks.replay}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Table
      caption={t.webhooks.deliveries}
      columns={columns}
      rows={deliveries}
      rowKey={one => one.delivery}
      empty={state === "dead" ? t.webhooks.noneDead : t.webhooks.noneWaiting}
    />
  );
}
