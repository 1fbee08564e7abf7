import { useState } from "preact/hooks";
import { post, useAction, useLoad, usePages, type Loaded } from "../api";
import { EntryCopy } from "../data/entry-copy";
import { EntryDeeds } from "../data/entry-deeds";
import type { Check, CheckList, Entry, OpinionList } from "../data/types";
import { bankPath, Labels, ms, Owner, StateBadges } from "../data/words";
import { Section } from "../desk/section";
import { iso, word } from "../desk/words";
import { date, dateTime, list, nameOf, number, useTexts } from "../i18n";
import { useMay } from "../may";
import { useRoute } from "../router";
import {
  Badge,
  Button,
  CopyText,
  ErrorNote,
  Facts,
  Form,
  Load,
  Note,
  Page,
  Pager,
  RadioField,
  Skeleton,
  Table,
  toast,
  When,
} from "../ui";
import "../styles/desk.css";
import "../styles/data.css";

export default function EntryPage() {
  const t = useTexts().data.one;
  const asked = useRoute().params["entry"] ?? "";
  const entry = useLoad<Entry>("/v1/entries/" + encodeURIComponent(asked));
  const of = entry.data;
  const shown = of
    ? number(of.entry)
    : /^\d+$/.test(asked)
      ? number(Number(asked))
      : iso(asked.slice(0, 13) + "…");
  return (
    <Page
      title={t.title(shown)}
      right="entry.read"
      actions={of && <EntryDeeds of={of} onDone={entry.set} reload={entry.reload} />}
    >
      {entry.error?.status === 404 ? (
        <Note tone="warn">{t.gone}</Note>
      ) : (
        <Load of={entry} lines={10}>
          {data => (
            <>
              <Standing of={data} />
              <div class="two-columns">
                <div class="stack">
                  <Section title={t.facts}>
                    <EntryFacts of={data} />
                  </Section>
                  <Signals of={data} />
                  <Rests of={data} />
                </div>
                <div class="stack">
                  <EntryCopy key={data.entry} of={data} />
                  <Opinions of={data} entry={entry} />
                </div>
              </div>
            </>
          )}
        </Load>
      )}
    </Page>
  );
}

// Whether it matches anything, first of all.
function Standing({ of }: { of: Entry }) {
  const t = useTexts().data.one;
  const until = ms(of.muted_until);
  if (of.state === "erased") return <Note tone="plain">{t.erased}</Note>;
  if (of.state === "withdrawn") return <Note tone="plain">{t.withdrawn}</Note>;
  if (of.state === "expired") return <Note tone="plain">{t.expired}</Note>;
  if (until) return <Note tone="warn">{t.muted(dateTime(until))}</Note>;
  return of.opinions.dispute ? <Note tone="warn">{t.disputedNote}</Note> : null;
}

function EntryFacts({ of }: { of: Entry }) {
  const texts = useTexts();
  const t = texts.data;
  const countries = (of.territory ?? "").split(/[\s,]+/).filter(code => /^[A-Z]{2}$/.test(code));
  const added = ms(of.added);
  const expires = ms(of.expires);
  return (
    <Facts
      rows={[
        [t.state, <StateBadges of={of} />],
        [
          t.inBank,
          <a href={bankPath(of.bank)}>
            <bdi>{of.bank}</bdi>
          </a>,
        ],
        [t.owner, <Owner own={of.own} member={of.member} />],
        [t.class, word(texts.desk.classes, of.class)],
        [t.ground, of.ground ? <span dir="auto">{of.ground}</span> : t.notSaid],
        [t.labels, Object.keys(of.labels).length ? <Labels of={of.labels} /> : texts.data.one.noLabels],
        [t.one.source, word(texts.desk.sources, of.source ?? "unsaid")],
        [
          t.one.territory,
          countries.length ? list(countries.map(code => nameOf("region", code))) : t.one.everywhere,
        ],
        [t.added, added ? <When ms={added} /> : t.notSaid],
        [t.expires, expires ? <When ms={expires} /> : texts.shell.never],
        [t.one.gid, <bdi class="mono small">{of.gid}</bdi>],
      ]}
    />
  );
}

function Signals({ of }: { of: Entry }) {
  const t = useTexts().data.one;
  if (!of.signals.length) return null;
  return (
    <Section title={t.signals} count={of.signals.length}>
      <ul class="bare">
        {of.signals.map(one => (
          <li key={one.type + one.value} class="signal">
            <span>
              <Badge>{one.type}</Badge>{" "}
              {one.quality !== undefined && <span class="muted small">{t.quality(number(one.quality))}</span>}
            </span>
            <CopyText text={one.value} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

const tones = { confirm: "good", dispute: "bad", seen: "plain", none: "plain" } as const;
const OPINIONS = ["confirm", "dispute", "seen", "none"] as const;
type Opinion = (typeof OPINIONS)[number];

function Opinions({ of, entry }: { of: Entry; entry: Loaded<Entry> }) {
  const texts = useTexts();
  const t = texts.data.one;
  const may = useMay();
  const opinions = useLoad<OpinionList>(`/v1/entries/${of.entry}/opinions`);
  const given = opinions.data?.opinions.filter(one => one.opinion !== "none") ?? [];
  return (
    <Section title={t.opinions} count={given.length}>
      <Load of={opinions} lines={2}>
        {() =>
          given.length ? (
            <Table
              caption={t.opinions}
              rows={given}
              rowKey={one => one.member}
              columns={[
                { head: t.member, kind: "main", cell: one => <Owner own={one.own} member={one.member} /> },
                {
                  head: t.opinion,
                  cell: one => (
                    <Badge tone={tones[one.opinion]}>{word(texts.desk.opinions, one.opinion)}</Badge>
                  ),
                },
                { head: t.given, cell: one => date(Date.parse(one.given)) },
              ]}
            />
          ) : (
            <p class="muted">{t.noOpinions}</p>
          )
        }
      </Load>
      {may("opinion.give") && of.state === "in_force" && opinions.data && (
        <Give
          key={given.find(one => one.own)?.opinion ?? "none"}
          of={of}
          now={given.find(one => one.own)?.opinion ?? "none"}
          onGiven={list => {
            opinions.set(list);
            entry.reload();
          }}
        />
      )}
    </Section>
  );
}

function Give({ of, now, onGiven }: { of: Entry; now: Opinion; onGiven: (list: OpinionList) => void }) {
  const t = useTexts().data.one;
  const [opinion, setOpinion] = useState<Opinion>(now);
  const { run, busy, error } = useAction(async () => {
    onGiven(await post<OpinionList>(`/v1/entries/${of.entry}/opinions`, { opinion }));
    toast(t.opinionGiven);
  });
  return (
    <Form onSend={run}>
      <ErrorNote error={error} />
      <RadioField
        label={t.give}
        value={opinion}
        onValue={value => setOpinion(value as Opinion)}
        options={OPINIONS.map(value => ({
          value,
          text: t.opinionWords[value],
          hint: t.opinionHelp[value],
        }))}
      />
      {opinion !== now && (
        <Button type="submit" busy={busy}>
          {t.opinionWords[opinion]}
        </Button>
      )}
    </Form>
  );
}

const verdictTones = { no_match: "plain", undecided: "plain", review: "note", block: "warn" } as const;

function Rests({ of }: { of: Entry }) {
  const texts = useTexts();
  const t = texts.data.one;
  const may = useMay();
  const path = may("case.read") ? `/v1/checks?entry=${of.entry}&limit=20` : null;
  const pages = usePages<CheckList, Check>(path, answer => answer.checks);
  return (
    <Section title={t.rests}>
      {!path ? (
        <p class="muted">{t.restsHidden}</p>
      ) : pages.loading ? (
        <Skeleton lines={3} />
      ) : (
        <>
          <ErrorNote error={pages.error?.passing ? null : pages.error} />
          <p class="muted">{pages.items.length ? t.restsText : t.restsNone}</p>
          {pages.items.length > 0 && (
            <Table
              caption={t.rests}
              rows={pages.items}
              rowKey={one => one.check}
              columns={[
                {
                  head: t.content,
                  kind: "main",
                  cell: one => <bdi class="mono small">{one.content_id ?? "–"}</bdi>,
                },
                {
                  head: t.verdict,
                  cell: one => <Badge tone={verdictTones[one.verdict]}>{t.verdicts[one.verdict]}</Badge>,
                },
                { head: t.time, cell: one => <When ms={Date.parse(one.time)} /> },
                {
                  head: t.decision,
                  cell: one =>
                    one.decision && (
                      <a href={"/decisions/" + one.decision}>
                        <bdi class="mono small">{one.decision.slice(0, 8)}</bdi>
                      </a>
                    ),
                },
              ]}
            />
          )}
          <Pager of={pages} />
        </>
      )}
    </Section>
  );
}
