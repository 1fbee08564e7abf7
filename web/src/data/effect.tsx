import { useEffect, useState } from "preact/hooks";
import { useLoad, withQuery } from "../api";
import { list, number, percent, useTexts, type Texts } from "../i18n";
import type { Bank, Mode } from "../types";
import { Button, Load, Note, Table } from "../ui";
import type { Effect, EffectSide } from "./types";
import { bankApi } from "./words";

const WAIT_MS = 250; // while the threshold is being moved

// What a bank would have done last week with another mode or threshold: in words first, then by distance.
export function BankEffect({ bank, mode, threshold }: { bank: Bank; mode: Mode; threshold: number }) {
  const t = useTexts().data.effect;
  const [asked, setAsked] = useState({ mode, threshold });
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked({ mode, threshold }), WAIT_MS);
    return () => window.clearTimeout(timer);
  }, [mode, threshold]);
  const path = withQuery(bankApi(bank.name) + "/effect", { mode: asked.mode, pdq_radius: asked.threshold });
  const effect = useLoad<Effect>(path);
  return (
    <section class="card part effect" aria-label={t.title}>
      <h2>{t.title}</h2>
      <Load of={effect}>{data => (data.matches ? <Told of={data} /> : <p>{nothing(t, data)}</p>)}</Load>
    </section>
  );
}

type T = Texts["data"]["effect"];

function nothing(t: T, of: Effect): string {
  return of.checks + of.lookups ? t.none(number(of.checks + of.lookups)) : t.noneAtAll;
}

function said(t: T, side: EffectSide): string {
  const parts = [
    side.block ? t.block(side.block) : "",
    side.review ? t.review(side.review) : "",
    side.shadow ? t.shadow(side.shadow) : "",
  ].filter(Boolean);
  return parts.length ? list(parts) : t.nothing;
}

function Told({ of }: { of: Effect }) {
  const texts = useTexts();
  const t = texts.data.effect;
  const [table, setTable] = useState(false);
  const { now, would } = of;
  const beyond = of.matches - would.shadow - would.review - would.block;
  const isNow = now.mode === would.mode && now.pdq_radius === would.pdq_radius;
  const mode = texts.data.modes[would.mode];
  const words = of.at_least ? t.wouldAtLeast : t.would;
  return (
    <>
      <div class="stack tight-lines" role="status">
        <p>
          {t.matches(of.matches, number(of.checks + of.lookups))} {t.now(said(t, now))}
        </p>
        <p>
          <strong>{words(mode, number(would.pdq_radius), said(t, would))}</strong>{" "}
          {beyond > 0 && t.beyond(beyond)} {isNow && t.same}
        </p>
        {of.digests > 0 && <p class="muted">{t.digests(of.digests)}</p>}
        {of.sample_ppm < 1e6 && <p class="muted">{t.sampled(percent(of.sample_ppm / 1e6, 1))}</p>}
      </div>
      {of.at_least && of.unknown_above !== null && (
        <Note tone="warn">{t.unknown(texts.data.bits(of.unknown_above))}</Note>
      )}
      <div class="row between">
        <h3>{t.chart}</h3>
        <Button small kind="quiet" aria-pressed={table} onClick={() => setTable(!table)}>
          {table ? texts.data.asChart : texts.data.asTable}
        </Button>
      </div>
      {table ? <Counts of={of} /> : <Bars of={of} />}
    </>
  );
}

function Counts({ of }: { of: Effect }) {
  const t = useTexts().data.effect;
  const rows = of.by_distance.map((count, bits) => ({ bits, count })).filter(row => row.count);
  return (
    <Table
      caption={t.chart}
      rows={rows}
      rowKey={row => row.bits}
      columns={[
        { head: t.distance, kind: "main", cell: row => number(row.bits) },
        { head: t.count, kind: "number", cell: row => number(row.count) },
      ]}
    />
  );
}

// A bar for each distance, in the direction of reading. What was not compared is hatched, not empty.
function Bars({ of }: { of: Effect }) {
  const texts = useTexts();
  const t = texts.data.effect;
  const most = Math.max(1, ...of.by_distance);
  const radius = of.would.pdq_radius;
  const kind = (bits: number) => (bits <= radius ? "in" : "out");
  const blind = (bits: number) => of.unknown_above !== null && bits > of.unknown_above;
  return (
    <figure class="bars" aria-label={t.chart}>
      <div class="plot" aria-hidden="true">
        <span class="most">{number(most)}</span>
        {of.by_distance.map((count, bits) => (
          <div
            key={bits}
            class={`bar ${kind(bits)} ${blind(bits) ? "blind" : ""} ${bits === radius ? "edge" : ""}`}
          >
            <span
              style={{ blockSize: count ? `max(3px, ${(100 * count) / most}%)` : "0" }}
              title={`${texts.data.bits(bits)}: ${number(count)}`}
            />
          </div>
        ))}
      </div>
      <div class="axis" aria-hidden="true">
        {[0, 8, 16, 24, 32, 40, 48].map(bits => (
          <span key={bits}>{number(bits)}</span>
        ))}
      </div>
      <figcaption>
        <span class="key in">
          {t.counted} ({t.upTo(number(radius))})
        </span>
        {radius < 48 && <span class="key out">{t.outside}</span>}
        {of.unknown_above !== null && of.unknown_above < 48 && <span class="key blind">{t.notCompared}</span>}
        <span class="muted">{t.axis}</span>
      </figcaption>
    </figure>
  );
}
