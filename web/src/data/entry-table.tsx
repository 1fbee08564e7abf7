import { word } from "../desk/words";
import { date, number, useTexts } from "../i18n";
import { Table, type Column } from "../ui";
import type { Entry } from "./types";
import { bankPath, Labels, StateBadges } from "./words";

export function EntryTable({ entries, bank }: { entries: Entry[]; bank: boolean }) {
  const texts = useTexts();
  const t = texts.data;
  const columns: Column<Entry>[] = [
    {
      head: t.entry,
      kind: "main",
      cell: entry => <a href={"/entries/" + entry.entry}>{number(entry.entry)}</a>,
    },
    ...(bank
      ? [
          {
            head: t.inBank,
            cell: (entry: Entry) => (
              <a href={bankPath(entry.bank)}>
                <bdi>{entry.bank}</bdi>
              </a>
            ),
          },
        ]
      : []),
    { head: t.class, cell: entry => word(texts.desk.classes, entry.class) },
    { head: t.labels, cell: entry => <Labels of={entry.labels} /> },
    {
      head: t.signals,
      cell: entry => <span class="small mono">{entry.signals.map(one => one.type).join(" ")}</span>,
    },
    {
      head: t.added,
      cell: entry => <span class="date">{entry.added ? date(Date.parse(entry.added)) : t.notSaid}</span>,
    },
    { head: t.state, cell: entry => <StateBadges of={entry} /> },
  ];
  return (
    <Table
      caption={texts.shell.pages.entries}
      columns={columns}
      rows={entries}
      rowKey={entry => entry.entry}
    />
  );
}
