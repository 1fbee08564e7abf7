import { useEffect, useId, useRef, useState } from "preact/hooks";
import type uPlotType from "uplot";
import { useCell } from "../cell";
import { compact, currentLocale, number, span, useLanguage, useTexts } from "../i18n";
import { theme } from "../theme";
import { Button, Table, type Column } from "../ui";
import type { Series } from "./types";

// A chart of counts over time that can be read without seeing it: every line has a name, a number, a pattern of its own
// beside its colour, and the same values stand in a table.
export interface Line {
  key: string;
  text: string;
  of: "sum" | "latest"; // what the legend says while nobody points at a time
}
type Unit = "count" | "seconds";

const DASHES = [[], [7, 4], [2, 3], [10, 4, 2, 4]];
const HEIGHT = 220;
const DAY_S = 86400;

export function Chart({
  title,
  text,
  lines,
  data,
  unit = "count",
}: {
  title: string;
  text: string;
  lines: Line[];
  data: Series;
  unit?: Unit;
}) {
  const t = useTexts().data;
  const id = useId();
  const [table, setTable] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const values = lines.map(line => data.series[line.key] ?? []);
  const empty = values.every(row => row.every(value => !value));
  const say = (value: number | null) =>
    value === null ? "–" : unit === "seconds" ? span(value) : number(value);
  const shown = at !== null && at < data.points ? at : null;
  return (
    <section class="card part chart" aria-labelledby={id}>
      <div class="row between">
        <h2 id={id}>{title}</h2>
        {!empty && (
          <Button small kind="quiet" onClick={() => setTable(!table)}>
            {table ? t.asChart : t.asTable}
            <span class="unseen">: {title}</span>
          </Button>
        )}
      </div>
      <p class="muted small">{text}</p>
      {empty ? (
        <p class="nothing muted">{t.dash.empty}</p>
      ) : (
        <>
          <ul class="legend">
            {lines.map((line, i) => (
              <li key={line.key}>
                <svg viewBox="0 0 28 8" aria-hidden="true" class={"line-" + (i + 1)}>
                  <path d="M1 4h26" stroke-dasharray={DASHES[i]?.join(" ")} />
                </svg>
                {line.text}{" "}
                <strong>
                  {say(shown === null ? summed(values[i] ?? [], line.of) : (values[i]?.[shown] ?? null))}
                </strong>
                {shown === null && line.of === "latest" && <span class="muted"> ({t.dash.latest})</span>}
              </li>
            ))}
            <li class="at muted" aria-hidden="true">
              {shown === null ? "" : pointName(data, shown)}
            </li>
          </ul>
          {table ? (
            <Values title={title} lines={lines} values={values} data={data} say={say} />
          ) : (
            <Plot values={values} data={data} unit={unit} onAt={setAt} />
          )}
        </>
      )}
    </section>
  );
}

function summed(row: (number | null)[], of: Line["of"]): number | null {
  if (of === "sum") return row.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return row.findLast(value => value !== null) ?? null;
}

// ------------------------------------------------------------------------------------------- times

// Points are of UTC: a day is named as the day that it is there; an hour by the reader's own clock.
function timeFormat(options: Intl.DateTimeFormatOptions, utc: boolean): Intl.DateTimeFormat {
  const zone = utc ? { timeZone: "UTC" } : {};
  return new Intl.DateTimeFormat(currentLocale(), { calendar: "gregory", ...options, ...zone });
}

export function pointName(data: Series, at: number): string {
  const utc = data.step_s >= DAY_S;
  const options: Intl.DateTimeFormatOptions = utc
    ? { dateStyle: "medium" }
    : { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return timeFormat(options, utc).format(data.from_ms + at * data.step_s * 1000);
}

function tickNames(utc: boolean): (times_s: number[], step_s: number) => string[] {
  const hour = timeFormat({ hour: "2-digit", minute: "2-digit" }, utc);
  const day = timeFormat({ day: "numeric", month: "short" }, utc);
  const month = timeFormat({ month: "short", year: "2-digit" }, utc);
  const midnight = (time_s: number) => {
    const when = new Date(time_s * 1000);
    return (utc ? when.getUTCHours() : when.getHours()) === 0;
  };
  return (times_s, step_s) =>
    times_s.map(time_s => {
      const format = step_s >= 28 * DAY_S ? month : step_s >= DAY_S || midnight(time_s) ? day : hour;
      return format.format(time_s * 1000);
    });
}

// ------------------------------------------------------------------------------------------- table

function Values({
  title,
  lines,
  values,
  data,
  say,
}: {
  title: string;
  lines: Line[];
  values: (number | null)[][];
  data: Series;
  say: (value: number | null) => string;
}) {
  const t = useTexts().data.dash;
  const rows = Array.from({ length: data.points }, (_, i) => data.points - 1 - i).filter(at =>
    values.some(row => row[at]),
  );
  const columns: Column<number>[] = [
    { head: t.time, kind: "main", cell: at => pointName(data, at) },
    ...lines.map((line, i) => ({
      head: line.text,
      kind: "number" as const,
      cell: (at: number) => say(values[i]?.[at] ?? null),
    })),
  ];
  return (
    <>
      <div class="values" tabIndex={0} role="region" aria-label={title}>
        <Table caption={title} rows={rows} rowKey={at => at} columns={columns} />
      </div>
      <p class="muted small">{t.tableNote}</p>
    </>
  );
}

// ------------------------------------------------------------------------------------------- canvas

const UNITS: [string, number][] = [
  ["day", DAY_S],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

// Seconds are drawn in whatever they are most of, so that the axis has round numbers.
function scaleOf(values: (number | null)[][], unit: Unit): { by: number; say: (value: number) => string } {
  if (unit === "count") return { by: 1, say: value => (Number.isInteger(value) ? compact(value) : "") };
  const most = Math.max(...values.flat().map(value => value ?? 0));
  const [name, by] = UNITS.find(([, size]) => most >= 2 * size) ?? ["second", 1];
  const format = new Intl.NumberFormat(currentLocale(), { style: "unit", unit: name, unitDisplay: "short" });
  return { by, say: value => format.format(value) };
}

function colours(): { lines: string[]; ink: string; grid: string; paper: string; font: string } {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  const lines = [1, 2, 3, 4].map(i => of("--chart-" + i));
  const family = getComputedStyle(document.body).fontFamily;
  return { lines, ink: of("--ink-soft"), grid: of("--line"), paper: of("--sheet"), font: "12px " + family };
}

function useDark(): string {
  const chosen = useCell(theme);
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const change = () => setDark(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, []);
  return chosen === "auto" ? String(dark) : chosen;
}

function Plot({
  values,
  data,
  unit,
  onAt,
}: {
  values: (number | null)[][];
  data: Series;
  unit: Unit;
  onAt: (at: number | null) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const language = useLanguage();
  const look = useDark();
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let plot: uPlotType | null = null;
    let gone = false;
    const fit = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }));
    void import("./plot").then(({ uPlot }) => {
      if (gone) return;
      const { by, say } = scaleOf(values, unit);
      const times_s = Array.from({ length: data.points }, (_, i) => data.from_ms / 1000 + i * data.step_s);
      const rows = values.map(row => row.map(value => (value === null ? null : value / by)));
      const options = optionsOf(uPlot, data, rows, say, onAt);
      plot = new uPlot(
        { ...options, width: element.clientWidth, height: HEIGHT },
        [times_s, ...rows],
        element,
      );
      fit.observe(element);
    });
    return () => {
      gone = true;
      fit.disconnect();
      plot?.destroy();
      onAt(null);
    };
  }, [data, language, look, unit]);
  return <div ref={place} class="canvas" dir="ltr" aria-hidden="true" />;
}

// In Arabic time runs from right to left, and what is counted stands at the right.
function optionsOf(
  uPlot: typeof uPlotType,
  data: Series,
  rows: (number | null)[][],
  say: (value: number) => string,
  onAt: (at: number | null) => void,
): Omit<uPlotType.Options, "width" | "height"> {
  const { lines, ink, grid, paper, font } = colours();
  const rtl = document.documentElement.dir === "rtl";
  const utc = data.step_s >= DAY_S;
  const names = tickNames(utc);
  const axis = {
    stroke: ink,
    font,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 5 },
  };
  return {
    padding: [8, rtl ? 0 : 24, 0, rtl ? 24 : 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8, fill: paper } },
    tzDate: time_s => (utc ? uPlot.tzDate(new Date(time_s * 1e3), "Etc/UTC") : new Date(time_s * 1e3)),
    scales: {
      x: { dir: rtl ? -1 : 1 },
      y: { range: (_, __, most) => [0, Math.max(most * 1.05, 1)] },
    },
    axes: [
      { ...axis, size: 30, space: 70, values: (_, splits, __, ___, step) => names(splits, step) },
      {
        ...axis,
        side: rtl ? 1 : 3,
        size: (_, texts) => 18 + 7.2 * Math.max(0, ...(texts ?? []).map(text => text.length)),
        values: (_, splits) => splits.map(say),
      },
    ],
    series: [
      {},
      ...rows.map((row, i) => ({
        stroke: lines[i] ?? ink,
        width: 2,
        ...(DASHES[i]?.length ? { dash: DASHES[i] } : {}),
        ...(rows.length === 1 ? { fill: (lines[i] ?? ink) + "22" } : {}),
        spanGaps: true,
        // Few values, some of them alone perhaps, through which no line goes.
        points: { show: row.filter(value => value !== null).length <= 31, size: 5, fill: lines[i] ?? ink },
      })),
    ],
    hooks: { setCursor: [plot => onAt(plot.cursor.idx ?? null)] },
  };
}
