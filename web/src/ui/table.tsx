import type { ComponentChildren } from "preact";
import { Empty } from "./states";

// Rows under heads; on a narrow screen each row is a small card whose lines say their heads.
export interface Column<T> {
  head: string;
  cell: (row: T) => ComponentChildren;
  kind?: "number" | "main" | "actions"; // main: what the row is called
}

export function Table<T>({
  caption,
  columns,
  rows,
  rowKey,
  empty,
}: {
  caption: string; // read aloud, not shown
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string | number;
  empty?: ComponentChildren;
}) {
  if (!rows.length && empty) return <Empty>{empty}</Empty>;
  return (
    <div class="table">
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column.head} scope="col" class={column.kind}>
                {column.kind === "actions" ? <span class="unseen">{column.head}</span> : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={rowKey(row)}>
              {columns.map(column =>
                column.kind === "main" ? (
                  <th key={column.head} scope="row" class="main">
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.head} class={column.kind} data-head={column.head}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
