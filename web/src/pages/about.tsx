import { useLoad } from "../api";
import { bytes, compact, number, useTexts } from "../i18n";
import licences from "../licences.txt?url";
import { useMay } from "../may";
import type { Stats } from "../types";
import { Badge, Facts, Load, Note, Page, When } from "../ui";

export default function About() {
  const t = useTexts().shell;
  const may = useMay();
  const stats = useLoad<Stats>(may("status.read") ? "/v1/stats" : null);
  const ready = useLoad<{ status: string; reason?: string }>("/readyz");
  return (
    <Page title={t.pages.about}>
      <p class="muted">{t.about.lead}</p>
      {ready.data && (
        <p>
          <Badge tone="good">{t.about.ready}</Badge>
        </p>
      )}
      {ready.error && <Note tone="warn">{t.about.notReady}</Note>}
      {may("status.read") && <Load of={stats}>{data => <StatsView stats={data} />}</Load>}
      <ul class="plain">
        <li>
          <a href="/docs">{t.about.api}</a>
        </li>
        <li>
          <a href={licences}>{t.about.licences}</a>
        </li>
      </ul>
    </Page>
  );
}

function StatsView({ stats }: { stats: Stats }) {
  const t = useTexts().shell.about;
  const shell = useTexts().shell;
  return (
    <div class="cards">
      <section class="card stack">
        <h2>{shell.navNode}</h2>
        <Facts
          rows={[
            [t.version, <bdi>{stats.version}</bdi>],
            [t.member, stats.member ? <bdi>{stats.member}</bdi> : shell.none],
            [t.started, <When ms={Date.parse(stats.started)} />],
            [t.follower, stats.follower ? shell.yes : shell.no],
          ]}
        />
      </section>
      <section class="card stack">
        <h2>{shell.navKnown}</h2>
        <Facts
          rows={[
            [t.banks, number(stats.banks)],
            [t.entries, number(stats.entries)],
            [t.withdrawn, number(stats.withdrawn)],
            [t.expired, number(stats.expired)],
            [t.feed, `${number(stats.feed)} · ${bytes(stats.feed_size)}`],
            [t.lookback, number(stats.lookback)],
          ]}
        />
      </section>
      <section class="card stack">
        <h2>{t.index}</h2>
        <Facts
          rows={[
            [t.indexValues, number(stats.index.values)],
            [t.indexSize, bytes(stats.index.size)],
            [t.indexSnapshot, `${number(stats.index.snapshot_seq)} · ${bytes(stats.index.snapshot_size)}`],
            [t.indexMended, number(stats.index.mended)],
            [t.simd, <bdi>{stats.index.simd}</bdi>],
          ]}
        />
        <h3>{t.signals}</h3>
        <Facts
          rows={Object.entries(stats.signals).map(([type, count]) => [
            <bdi class="mono">{type}</bdi>,
            compact(count),
          ])}
        />
      </section>
    </div>
  );
}
