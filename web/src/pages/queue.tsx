import { useEffect, useRef, useState } from "preact/hooks";
import { peek, session, useAction, useLoad, usePages, withQuery } from "../api";
import { useCell } from "../cell";
import { CaseList as Rows } from "../desk/case-list";
import { takeNext } from "../desk/case-actions";
import { CLASSES, KINDS, STATES } from "../desk/lists";
import { iso, word } from "../desk/words";
import { queuePath, stateOf } from "../first";
import { list, number, span, useTexts } from "../i18n";
import { roomFor, useInView } from "../in-view";
import { useMay } from "../may";
import { setQuery, useRoute } from "../router";
import type { CaseBrief, CaseList, Me } from "../types";
import { Button, Empty, ErrorNote, Note, Page, Pager, SelectField, Skeleton, useKeys } from "../ui";
import "../styles/desk.css";

// What waits for people. The first page is all that is asked for, however many there are; the order is the node's.
const LOOK_MS = 20_000;
const ROW_PX = 60; // of a row, and of what stands above them, at the least
const ABOVE_PX = 240;

export default function Queue() {
  const texts = useTexts();
  const t = texts.desk.queue;
  const may = useMay();
  const { query } = useRoute();
  const state = stateOf(query);
  const filters = { kind: query.get("kind"), bank: query.get("bank"), class: query.get("class") };
  const path = queuePath(query);
  const pages = usePages<CaseList, CaseBrief>(path, answer => answer.cases);
  const [counts, fresh] = useCounts(path, pages.first);
  const rows = useInView(pages.items, roomFor(ROW_PX, ABOVE_PX));
  const next = useAction(async () => {
    if (!(await takeNext(filters))) setNoneFree(true);
  });
  const [noneFree, setNoneFree] = useState(false);
  useEffect(() => setNoneFree(false), [path]);
  const filtered = Object.values(filters).some(Boolean);
  useKeys(
    [
      { key: "t", text: texts.desk.keys.next, run: () => may("case.work") && next.run() },
      { key: "r", text: texts.desk.keys.refresh, run: () => pages.reload() },
    ],
    texts.desk.keys.group.list,
  );
  const actions = may("case.work") && (
    <Button kind="primary" icon="next" busy={next.busy} onClick={() => next.run()}>
      {t.next}
    </Button>
  );
  return (
    <Page title={t.title} right="case.read" actions={actions}>
      <div class="stack tight">
        <p class="muted lead">{t.lead}</p>
        <Personal />
        <div role="status">{noneFree && <Note>{t.noneNext}</Note>}</div>
        <ErrorNote error={next.error} />
      </div>
      <nav class="tabs queue-views" aria-label={t.views}>
        {STATES.map(one => (
          <a
            key={one}
            href={withQuery("/queue", { state: one === "open" ? null : one, ...filters })}
            aria-current={one === state ? "page" : undefined}
          >
            {texts.desk.states[one]}
            <Count n={counts && one in counts ? counts[one as "open"] : null} />
          </a>
        ))}
      </nav>
      <Filters filters={filters} filtered={filtered} />
      <ErrorNote error={pages.error?.passing ? null : pages.error} retry={pages.reload} />
      {fresh && (
        <Note>
          <div class="row">
            <span>{t.fresh}</span>
            <Button small icon="reload" onClick={pages.reload}>
              {t.refresh}
            </Button>
          </div>
        </Note>
      )}
      {pages.loading ? (
        <Skeleton lines={8} />
      ) : pages.items.length ? (
        <>
          <Rows cases={rows} more={pages.more} />
          {rows === pages.items && (
            <p class="muted shown" role="status">
              {t.shown(rows.length)}
            </p>
          )}
          {rows === pages.items && <Pager of={pages} />}
        </>
      ) : (
        !pages.error && (
          <Empty title={t.nothing}>
            <p>{filtered ? t.nothingFiltered : t.nothingHelp}</p>
          </Empty>
        )
      )}
    </Page>
  );
}

function Count({ n }: { n: number | null }) {
  return n === null ? null : <span class="count">{number(n)}</span>;
}

// The counts, anew now and then, and whether what stands first has changed since: a row never moves under a hand.
function useCounts(path: string, first: CaseList | null): [CaseList["counts"] | null, boolean] {
  const [latest, setLatest] = useState<CaseList | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const look = () => {
      if (document.hidden) return;
      peek<CaseList>(path.replace(/limit=\d+/, "limit=1"), abort.signal).then(setLatest, () => {});
    };
    const timer = window.setInterval(look, LOOK_MS);
    return () => {
      abort.abort();
      window.clearInterval(timer);
      setLatest(null); // what comes in its place is younger
    };
  }, [path, first]);
  const top = latest?.cases[0];
  return [(latest ?? first)?.counts ?? null, !!top && !!first && top.id !== first.cases[0]?.id];
}

// What is this person's own: categories declined, and how much they have looked at today.
function Personal() {
  const texts = useTexts();
  const t = texts.desk.queue;
  const user = useCell(session)?.user;
  const me = useLoad<Me>(user ? "/v1/me" : null).data;
  if (!user) return null;
  const declined = user.declined.map(name => word(texts.desk.classes, name));
  const today = me?.exposure.today;
  return (
    <p class="muted personal">
      {today && today.reveals > 0 && (
        <span>{t.exposureToday(number(today.reveals), span(today.seconds))} </span>
      )}
      {declined.length > 0 && <span>{t.declined(list(declined))} </span>}
      <a href="/account" title={t.declineHelp}>
        {t.declineMore}
      </a>
    </p>
  );
}

function Filters({
  filters,
  filtered,
}: {
  filters: { kind: string | null; bank: string | null; class: string | null };
  filtered: boolean;
}) {
  const texts = useTexts();
  const t = texts.desk.queue;
  const may = useMay();
  const banks = useLoad<{ banks: { name: string }[] }>(may("bank.read") ? "/v1/banks" : null).data;
  const names = banks?.banks.map(bank => bank.name) ?? (filters.bank ? [filters.bank] : []);
  const bar = useRef<HTMLDivElement>(null);
  useKeys(
    [{ key: "/", text: t.filter, run: () => bar.current?.querySelector("select")?.focus() }],
    texts.desk.keys.group.list,
  );
  return (
    <div class="filters" role="search" aria-label={t.filter} ref={bar}>
      <SelectField
        label={t.kind}
        value={filters.kind ?? ""}
        onValue={kind => setQuery({ kind })}
        options={[
          { value: "", text: t.anyKind },
          ...KINDS.map(value => ({ value, text: texts.desk.kinds[value] })),
        ]}
      />
      <SelectField
        label={t.bank}
        value={filters.bank ?? ""}
        onValue={bank => setQuery({ bank })}
        options={[{ value: "", text: t.anyBank }, ...names.map(value => ({ value, text: iso(value) }))]}
      />
      <SelectField
        label={t.class}
        value={filters.class ?? ""}
        onValue={value => setQuery({ class: value })}
        options={[
          { value: "", text: t.anyClass },
          ...CLASSES.map(value => ({ value, text: texts.desk.classes[value] })),
        ]}
      />
      {filtered && (
        <Button kind="quiet" icon="close" onClick={() => setQuery({ kind: null, bank: null, class: null })}>
          {t.clear}
        </Button>
      )}
    </div>
  );
}
