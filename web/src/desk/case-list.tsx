import { Badge, Icon } from "../ui";
import { about, nameOf, number, time, useTexts } from "../i18n";
import type { CaseBrief, Lease } from "../types";
import { useRows } from "./rows";
import { useNow, Waiting } from "./waiting";
import { iso, word } from "./words";

// The queue's rows: a table where there is room, cards where there is not.
export function CaseList({ cases, more }: { cases: CaseBrief[]; more: (() => void) | null }) {
  const t = useTexts().desk.queue;
  const rows = useRows(cases.length, more);
  const now_ms = useNow();
  return (
    <div class="table queue" ref={of => void (rows.body.current = of)} onKeyDown={rows.onKeyDown}>
      <table>
        <caption class="unseen">{t.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t.priority}</th>
            <th scope="col">{t.case}</th>
            <th scope="col">{t.what}</th>
            <th scope="col" class="number">
              {t.uploads}
            </th>
            <th scope="col" class="number">
              {t.reach}
            </th>
            <th scope="col">{t.age}</th>
            <th scope="col">{t.who}</th>
          </tr>
        </thead>
        <tbody>
          {cases.map(one => (
            <Row key={one.id} one={one} now_ms={now_ms} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ one, now_ms }: { one: CaseBrief; now_ms: number }) {
  const texts = useTexts();
  const t = texts.desk.queue;
  const where = [
    ...one.surfaces.map(surface => word(texts.desk.surfaces, surface)),
    ...one.languages.map(code => nameOf("language", code)),
  ];
  return (
    <tr class={"priority-" + one.priority}>
      <td data-head={t.priority}>
        <PriorityMark of={one} />
      </td>
      <th scope="row" class="main">
        <a href={`/cases/${one.id}`} aria-label={texts.desk.case.title(String(one.id))} data-row>
          {one.id}
        </a>
      </th>
      <td data-head={t.what}>
        <div class="what">
          <strong>{texts.desk.kinds[one.kind]}</strong>
          <span>{word(texts.desk.classes, one.content_class ?? "unclassified")}</span>
          <span class="badges">
            {one.known_copy && <Badge tone="good">{t.knownCopy}</Badge>}
            {one.second_needed && <Badge tone="note">{t.secondNeeded}</Badge>}
            {one.report_count > 0 && <Badge>{t.reportCount(one.report_count)}</Badge>}
          </span>
        </div>
        <div class="muted small">
          {one.bank ? <bdi>{one.bank}</bdi> : t.noBank}
          {where.slice(0, 4).map(one => " · " + one)}
        </div>
      </td>
      <td data-head={t.uploads} class="number">
        {number(one.upload_count)}
        {one.cluster_count > 1 && <div class="muted small">{t.groupCount(one.cluster_count)}</div>}
      </td>
      <td data-head={t.reach} class="number">
        {one.reach === null ? "–" : about(one.reach)}
      </td>
      <td data-head={t.age}>
        <Waiting since_ms={one.opened_ms} now_ms={now_ms} />
      </td>
      <td data-head={t.who}>
        <Holder of={one.lease} />
      </td>
    </tr>
  );
}

export function PriorityMark({ of }: { of: Pick<CaseBrief, "priority"> }) {
  const texts = useTexts();
  return (
    <span class={"priority " + of.priority}>
      <Icon name={of.priority === "urgent" ? "warn" : of.priority === "high" ? "flag" : "clock"} />
      {texts.desk.priorities[of.priority]}
    </span>
  );
}

export function Holder({ of }: { of: Lease | null }) {
  const t = useTexts().desk.queue;
  if (!of) return <span class="muted">{t.free}</span>;
  return <span>{t.leaseBy(of.mine ? t.you : iso(of.by), time(of.until_ms))}</span>;
}
