import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useTexts } from "../i18n";
import { takeArrival } from "../router";
import { useMay, useRole, type Right } from "../may";
import { Note } from "./states";

// The frame of every page: its title in the window and as its one h1, which gets the focus when one comes to the page.
export function Page({
  title,
  actions,
  narrow,
  right,
  children,
}: {
  title: string;
  actions?: ComponentChildren;
  narrow?: boolean; // text and forms
  right?: Right; // what the role must have; else the page says so
  children: ComponentChildren;
}) {
  const t = useTexts().shell;
  const may = useMay();
  const role = useRole();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title + " · hilf";
  }, [title]);
  useEffect(() => {
    const main = document.getElementById("main");
    if (takeArrival() && !main?.matches(":focus-within")) head.current?.focus({ preventScroll: true });
  }, []);
  const allowed = !right || may(right);
  return (
    <div class={narrow ? "page narrow" : "page"}>
      <header class="page-head">
        <h1 tabIndex={-1} ref={head}>
          {title}
        </h1>
        {allowed && actions && <div class="page-actions">{actions}</div>}
      </header>
      {allowed ? (
        children
      ) : (
        <Note tone="warn">
          <p>{t.mayNot}</p>
          {role && <p>{t.mayNotText(t.roles[role])}</p>}
        </Note>
      )}
    </div>
  );
}
