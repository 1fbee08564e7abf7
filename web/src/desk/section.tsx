import type { ComponentChildren } from "preact";
import { number } from "../i18n";

// A part of a page, on a card of its own.
export function Section({
  title,
  count,
  actions,
  children,
}: {
  title: string;
  count?: number;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="card part">
      <div class="row between">
        <h2>
          {title}
          {count !== undefined && <span class="count">{number(count)}</span>}
        </h2>
        {actions}
      </div>
      {children}
    </section>
  );
}
