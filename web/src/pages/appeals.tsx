import { usePages, withQuery } from "../api";
import { CaseList as Rows } from "../desk/case-list";
import { useTexts } from "../i18n";
import { setQuery, useRoute } from "../router";
import type { CaseBrief, CaseList } from "../types";
import { Empty, ErrorNote, Page, Pager, Skeleton, Tabs } from "../ui";
import "../styles/desk.css";

// Appeals are cases of their own kind; their page answers them.
export default function Appeals() {
  const texts = useTexts();
  const t = texts.desk.appeals;
  const state = useRoute().query.get("state") === "decided" ? "decided" : "open";
  const path = withQuery("/v1/cases", { state, kind: "appeal", limit: 50 });
  const pages = usePages<CaseList, CaseBrief>(path, answer => answer.cases);
  return (
    <Page title={t.title} right="case.read">
      <p class="muted lead">{t.lead}</p>
      <Tabs
        label={texts.desk.queue.views}
        current={state}
        onTab={key => setQuery({ state: key === "open" ? null : key })}
        tabs={(["open", "decided"] as const).map(key => ({ key, text: texts.desk.states[key] }))}
      >
        <div class="stack tab-panel">
          <ErrorNote error={pages.error?.passing ? null : pages.error} retry={pages.reload} />
          {pages.loading ? (
            <Skeleton lines={6} />
          ) : pages.items.length ? (
            <>
              <Rows cases={pages.items} more={pages.more} />
              <Pager of={pages} />
            </>
          ) : (
            !pages.error && (
              <Empty title={t.none}>
                <p>{t.noneHelp}</p>
              </Empty>
            )
          )}
        </div>
      </Tabs>
    </Page>
  );
}
