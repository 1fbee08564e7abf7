import { useState } from "preact/hooks";
import { useLoad, withQuery } from "../api";
import { Chart, type Line } from "../data/chart";
import type { Health, Series, Sources } from "../data/types";
import { Owner } from "../data/words";
import { word } from "../desk/words";
import { bytes, compact, dateTime, list, number, percent, time, useTexts } from "../i18n";
import { setQuery, useRoute } from "../router";
import { Badge, Button, Empty, Facts, Load, Page, Table } from "../ui";
import "../styles/desk.css";
import "../styles/data.css";

// What happened on this node, in charts that a person can read. The range is in the address, so that it can be passed on.
const HOUR_MS = 3600e3;
const DAY_MS = 24 * HOUR_MS;
const RANGES = {
  day: { step: "hour", points: 24 },
  week: { step: "hour", points: 7 * 24 },
  month: { step: "day", points: 30 },
  year: { step: "day", points: 365 },
} as const;
type Range = keyof typeof RANGES;
const ALL = Object.keys(RANGES) as Range[];

export default function Dashboard() {
  const texts = useTexts();
  const t = texts.data.dash;
  const asked = useRoute().query.get("range") ?? "week";
  const range = ALL.find(one => one === asked) ?? "week";
  const [now_ms, setNow] = useState(Date.now());
  const { step, points } = RANGES[range];
  const step_ms = step === "hour" ? HOUR_MS : DAY_MS;
  const from_ms = (Math.floor(now_ms / step_ms) - points + 1) * step_ms;
  const series = useLoad<Series>(withQuery("/v1/insight/series", { from_ms, to_ms: now_ms, step }));
  const sources = useLoad<Sources>("/v1/insight/sources");
  const health = useLoad<Health>("/v1/insight/health");
  const refresh = () => {
    setNow(Date.now());
    sources.reload();
    health.reload();
  };
  return (
    <Page
      title={texts.shell.pages.dashboard}
      right="insight.read"
      actions={
        <Button icon="reload" onClick={refresh}>
          {t.refresh}
        </Button>
      }
    >
      <div class="stack">
        <p class="muted lead">{t.lead}</p>
        <div class="row ranges" role="group" aria-label={t.range}>
          {ALL.map(one => (
            <button
              key={one}
              type="button"
              class="button toggle"
              aria-pressed={one === range}
              onClick={() => setQuery({ range: one })}
            >
              {t.ranges[one]}
            </button>
          ))}
          <span class="muted small" role="status">
            {t.updated(time(now_ms))} {step === "day" && t.utcDays}
          </span>
        </div>
      </div>
      <Load of={series} lines={10}>
        {data => <Charts data={data} />}
      </Load>
      <div class="two-columns even">
        <Precision of={sources} />
        <NodeHealth of={health} />
      </div>
    </Page>
  );
}

function Charts({ data }: { data: Series }) {
  const t = useTexts().data.dash;
  const sum = (key: string) => (data.series[key] ?? []).reduce<number>((all, value) => all + (value ?? 0), 0);
  const latest = (key: string) => data.series[key]?.findLast(value => value !== null) ?? null;
  if (!sum("checks") && !sum("lookups") && !sum("cases_opened") && !sum("decisions")) {
    return (
      <Empty title={t.emptyAll}>
        <p>{t.emptyAllText}</p>
      </Empty>
    );
  }
  const lines = (of: Record<string, string>, how: Line["of"] = "sum"): Line[] =>
    Object.entries(of)
      .filter(([key]) => key !== "title" && key !== "text")
      .map(([key, text]) => ({ key, text, of: how }));
  const chart = (of: { title: string; text: string } & Record<string, string>, how?: Line["of"]) => (
    <Chart title={of.title} text={of.text} lines={lines(of, how)} data={data} />
  );
  return (
    <>
      <dl class="tiles">
        <Tile name={t.checks.checks} value={sum("checks")} />
        <Tile name={t.verdicts.block} value={sum("block")} />
        <Tile name={t.verdicts.review} value={sum("review")} />
        <Tile name={t.verdicts.undecided} value={sum("undecided")} />
        <Tile name={t.work.decisions} value={sum("decisions")} />
        <Tile name={t.queue.queue} value={latest("queue")} />
      </dl>
      <div class="charts">
        {chart(t.checks)}
        {chart(t.verdicts)}
        {chart(t.work)}
        {chart(t.queue, "latest")}
        <Chart
          title={t.took.title}
          text={t.took.text}
          lines={lines(t.took, "latest")}
          data={data}
          unit="seconds"
        />
        {chart(t.wrong)}
        {chart(t.known, "latest")}
        {chart(t.hooks)}
      </div>
    </>
  );
}

const LONG = 1e6; // the legend below has all of its digits
function Tile({ name, value }: { name: string; value: number | null }) {
  return (
    <div class="card tile">
      <dt>{name}</dt>
      <dd>{value === null ? "–" : value < LONG ? number(value) : compact(value)}</dd>
    </div>
  );
}

function Precision({ of }: { of: ReturnType<typeof useLoad<Sources>> }) {
  const t = useTexts().data.dash.sources;
  return (
    <section class="card part">
      <h2>{t.title}</h2>
      <Load of={of}>
        {data => (
          <>
            <p class="muted small">{t.text(number(data.days))}</p>
            <Table
              caption={t.title}
              rows={data.sources}
              rowKey={one => one.member}
              empty={t.none}
              columns={[
                { head: t.member, kind: "main", cell: one => <Owner own={one.own} member={one.member} /> },
                { head: t.decisions, kind: "number", cell: one => number(one.decisions) },
                { head: t.decided, kind: "number", cell: one => number(one.decided) },
                { head: t.upheld, kind: "number", cell: one => number(one.upheld) },
                {
                  head: t.precision,
                  cell: one =>
                    one.precision === null ? (
                      <span class="muted">{t.few(number(data.decided_min))}</span>
                    ) : (
                      <span class="share">
                        <span>{percent(one.precision, 1)}</span>
                        <span class="track" aria-hidden="true">
                          <span style={{ inlineSize: `${one.precision * 100}%` }} />
                        </span>
                      </span>
                    ),
                },
              ]}
            />
          </>
        )}
      </Load>
    </section>
  );
}

const tones = { loading: "note", ready: "good", behind: "warn", draining: "warn", failed: "bad" } as const;

function NodeHealth({ of }: { of: ReturnType<typeof useLoad<Health>> }) {
  const t = useTexts().data.dash.health;
  return (
    <section class="card part">
      <h2>{t.title}</h2>
      <Load of={of}>{data => <Facts rows={healthRows(data, t)} />}</Load>
    </section>
  );
}

type T = ReturnType<typeof useTexts>["data"]["dash"]["health"];

function healthRows(of: Health, t: T): [string, preact.ComponentChildren][] {
  const { index, entries, outbox, disk } = of;
  const kind = !of.follower ? t.leader : of.heard_ms ? t.follower(dateTime(of.heard_ms)) : t.followerNever;
  const waiting = outbox && t.outboxText(number(outbox.waiting), number(outbox.dead));
  const failures = of.decode_failures.map(one => `${word(t.reasons, one.reason)}: ${number(one.count)}`);
  return [
    [t.state, <Badge tone={tones[of.state]}>{t.states[of.state]}</Badge>],
    [t.since, dateTime(of.started_ms)],
    [t.version, <bdi>{of.version}</bdi>],
    [t.role, kind],
    [t.feed, number(of.feed_seq)],
    [t.index, index ? t.indexText(number(index.values), bytes(index.size)) : t.unknown],
    ...(index?.lag ? [[t.lag, number(index.lag)] as [string, string]] : []),
    ...(index?.degenerate ? [[t.degenerate, number(index.degenerate)] as [string, string]] : []),
    ...(index?.mended ? [[t.mended, number(index.mended)] as [string, string]] : []),
    [
      t.entries,
      entries
        ? t.entriesText(number(entries.in_force), number(entries.expired), number(entries.withdrawn))
        : t.unknown,
    ],
    [
      t.outbox,
      !outbox
        ? t.unknown
        : outbox.oldest_ms
          ? `${waiting} (${t.oldest(dateTime(outbox.oldest_ms))})`
          : waiting,
    ],
    [t.disk, disk ? t.diskText(bytes(disk.free), bytes(disk.size)) : t.unknown],
    ...(failures.length ? [[t.failures, list(failures)] as [string, string]] : []),
    ...(of.lookback ? [[t.lookback, number(of.lookback)] as [string, string]] : []),
  ];
}
