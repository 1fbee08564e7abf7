import { usePages } from "../api";
import { EscalationCard } from "../desk/escalation";
import { useTexts } from "../i18n";
import type { Escalation, EscalationList } from "../types";
import { Empty, ErrorNote, Page, Pager, Skeleton } from "../ui";
import "../styles/desk.css";

export default function Escalations() {
  const t = useTexts().desk.escalations;
  const pages = usePages<EscalationList, Escalation>(
    "/v1/escalations?limit=50",
    answer => answer.escalations,
  );
  return (
    <Page title={t.title} right="case.read">
      <p class="muted lead">{t.lead}</p>
      <p class="muted small">
        <bdi>{t.newLaw}</bdi>
      </p>
      <ErrorNote error={pages.error?.passing ? null : pages.error} retry={pages.reload} />
      {pages.loading ? (
        <Skeleton lines={6} />
      ) : pages.items.length ? (
        <div class="stack" role="list" aria-label={t.caption}>
          {pages.items.map(one => (
            <div role="listitem" class="card" key={one.id}>
              <EscalationCard of={one} onDone={pages.reload} />
            </div>
          ))}
          <Pager of={pages} />
        </div>
      ) : (
        !pages.error && (
          <Empty title={t.none}>
            <p>{t.noneHelp}</p>
          </Empty>
        )
      )}
    </Page>
  );
}
