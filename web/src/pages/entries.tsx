import { useState } from "preact/hooks";
import { useLoad, usePages, withQuery } from "../api";
import { EntryTable } from "../data/entry-table";
import { useSearch } from "../data/search";
import type { Entry, EntryPage } from "../data/types";
import { readSignal } from "../data/words";
import { CLASSES } from "../desk/lists";
import { iso } from "../desk/words";
import { number, useTexts } from "../i18n";
import { useMay } from "../may";
import { navigate, setQuery, useRoute } from "../router";
import type { BankList } from "../types";
import { Button, Empty, ErrorNote, Form, LinkButton, Page, SelectField, Skeleton, TextField } from "../ui";
import "../styles/desk.css";
import "../styles/data.css";

const STATES = ["in_force", "expired", "withdrawn", "erased", "muted", "disputed"] as const;
const NAMES = ["bank", "class", "state", "member", "label"] as const;
type Filters = Record<(typeof NAMES)[number], string | null>;

export default function Entries() {
  const texts = useTexts();
  const { query } = useRoute();
  const signal = query.get("signal");
  const find = (
    <LinkButton href="/find" icon="search">
      {texts.data.entries.find}
    </LinkButton>
  );
  return (
    <Page title={texts.shell.pages.entries} right="entry.read" actions={find}>
      <p class="muted lead">{texts.data.entries.lead}</p>
      {signal ? <WithSignal text={signal} /> : <Found />}
    </Page>
  );
}

function Found() {
  const t = useTexts().data.entries;
  const { query } = useRoute();
  const filters = Object.fromEntries(NAMES.map(name => [name, query.get(name)])) as Filters;
  const filtered = NAMES.some(name => filters[name]);
  // "any" said aloud, so that there is a query to which the search adds its own.
  const search = useSearch(withQuery("/v1/entries", { ...filters, state: filters.state ?? "any" }));
  return (
    <>
      <FilterBar filters={filters} filtered={filtered} />
      <ErrorNote error={search.error} retry={search.more} />
      {search.entries.length > 0 && <EntryTable entries={search.entries} bank={!filters.bank} />}
      {search.busy && !search.entries.length && <Skeleton lines={6} />}
      {!search.busy && !search.entries.length && search.at === null && !search.error && (
        <Empty>{filtered ? t.none : t.noneAtAll}</Empty>
      )}
      <div class="pager search-end" role="status">
        {search.entries.length > 0 && <span class="muted">{t.shown(search.entries.length)}</span>}
        {search.busy && search.at !== null && (
          <>
            <span class="muted">{t.lookedTo(number(search.at))}</span>
            <Button small onClick={search.stop}>
              {t.stop}
            </Button>
          </>
        )}
        {!search.busy && search.at !== null && <Button onClick={search.more}>{t.goOn}</Button>}
      </div>
    </>
  );
}

function FilterBar({ filters, filtered }: { filters: Filters; filtered: boolean }) {
  const texts = useTexts();
  const t = texts.data.entries;
  const may = useMay();
  const banks = useLoad<BankList>(may("bank.read") ? "/v1/banks?limit=1000" : null).data?.banks ?? [];
  const [label, setLabel] = useState(filters.label ?? "");
  const owners = new Map(banks.map(bank => [bank.member, bank.own]));
  const names = banks.length ? banks.map(bank => bank.name) : filters.bank ? [filters.bank] : [];
  return (
    <Form
      class="filters known"
      role="search"
      aria-label={t.search}
      onSend={() => setQuery({ label: label.trim() })}
    >
      <SelectField
        label={texts.data.inBank}
        value={filters.bank ?? ""}
        onValue={bank => setQuery({ bank })}
        options={[{ value: "", text: t.anyBank }, ...names.map(value => ({ value, text: iso(value) }))]}
      />
      <SelectField
        label={texts.data.class}
        value={filters.class ?? ""}
        onValue={value => setQuery({ class: value })}
        options={[
          { value: "", text: t.anyClass },
          ...CLASSES.map(value => ({ value, text: texts.desk.classes[value] })),
        ]}
      />
      <SelectField
        label={texts.data.state}
        value={filters.state ?? ""}
        onValue={state => setQuery({ state })}
        options={[
          { value: "", text: t.anyState },
          ...STATES.map(value => ({ value, text: t.states[value] })),
        ]}
      />
      {(owners.size > 1 || filters.member) && (
        <SelectField
          label={t.member}
          value={filters.member ?? ""}
          onValue={member => setQuery({ member })}
          options={[
            { value: "", text: t.anyMember },
            ...[...owners].map(([value, own]) => ({
              value,
              text: own ? texts.data.ours : iso(value.slice(0, 13) + "…"),
            })),
          ]}
        />
      )}
      <TextField
        label={t.label}
        hint={t.labelHint}
        value={label}
        onValue={setLabel}
        onBlur={() => setQuery({ label: label.trim() })}
        dir="auto"
        autoComplete="off"
        enterkeyhint="search"
      />
      <GoTo />
      {filtered && (
        <Button
          kind="quiet"
          icon="close"
          onClick={() => {
            setLabel("");
            setQuery(Object.fromEntries(NAMES.map(name => [name, null])));
          }}
        >
          {t.clear}
        </Button>
      )}
    </Form>
  );
}

// A number or an id is an entry's page; a hash asks which entries have it.
function GoTo() {
  const t = useTexts().data.entries;
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const go = () => {
    const one = text.trim();
    const signal = readSignal(one, "pdq");
    if (/^\d{1,18}$/.test(one) || /^[0-9a-f-]{36}\.\d+$/i.test(one)) navigate("/entries/" + one);
    else if (signal) setQuery({ signal: /\s/.test(one) ? `${signal.type} ${signal.value}` : signal.value });
    else setWrong(one !== "");
  };
  return (
    <TextField
      label={t.go}
      hint={t.goHint}
      error={wrong ? t.goWrong : null}
      value={text}
      onValue={value => {
        setText(value);
        setWrong(false);
      }}
      onKeyDown={event => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        go();
      }}
      dir="ltr"
      autoComplete="off"
      spellcheck={false}
    />
  );
}

// What 64 digits are, the digits do not say: both are asked.
function WithSignal({ text }: { text: string }) {
  const texts = useTexts();
  const t = texts.data.entries;
  const first = readSignal(text, "pdq");
  const second = readSignal(text, "sha256");
  const path = (signal: ReturnType<typeof readSignal>) =>
    signal && withQuery("/v1/entries", { type: signal.type, value: signal.value });
  const one = usePages<EntryPage, Entry>(path(first), answer => answer.entries);
  const two = usePages<EntryPage, Entry>(
    second && second.type !== first?.type ? path(second) : null,
    answer => answer.entries,
  );
  const entries = [...one.items, ...two.items];
  const loading = one.loading || two.loading;
  return (
    <>
      <div class="row between">
        <p>{t.withHash(iso(text.length > 24 ? text.slice(0, 24) + "…" : text))}</p>
        <Button kind="quiet" icon="close" onClick={() => setQuery({ signal: null })}>
          {t.clear}
        </Button>
      </div>
      <ErrorNote error={one.error ?? two.error} />
      {loading ? (
        <Skeleton lines={3} />
      ) : entries.length ? (
        <EntryTable entries={entries} bank />
      ) : (
        <Empty>{first ? t.none : t.goWrong}</Empty>
      )}
    </>
  );
}
