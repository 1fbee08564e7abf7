import { useEffect, useRef, useState } from "preact/hooks";
import { useTexts } from "../i18n";
import { useKeys } from "../ui";

// A list that is walked with j and k or the arrows: the current row's link has the focus, so Enter opens it, a screen
// reader says it, and nothing else needs to be known of it. At the end the next page is asked for.
export function useRows(count: number, more: (() => void) | null) {
  const t = useTexts().desk.keys;
  const group = t.group.list;
  const body = useRef<HTMLElement | null>(null);
  const [at, setAt] = useState(-1);
  const wanted = useRef(-1);
  const links = () => [...(body.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const go = (to: number) => {
    const all = links();
    if (to >= all.length && more) {
      wanted.current = to;
      more();
      return;
    }
    const index = Math.max(0, Math.min(all.length - 1, to));
    setAt(index);
    all[index]?.focus();
    all[index]?.scrollIntoView({ block: "nearest" });
  };
  useEffect(() => {
    if (wanted.current < 0 || wanted.current >= count) return;
    const to = wanted.current;
    wanted.current = -1;
    go(to);
  }, [count]);
  const here = () => {
    const focused = links().indexOf(document.activeElement as HTMLElement);
    return focused >= 0 ? focused : at;
  };
  useKeys(
    [
      { key: "j", text: t.down, run: () => go(here() + 1) },
      { key: "k", text: t.up, run: () => go(Math.max(0, here() - 1)) },
      { key: "o", text: t.open, run: () => links()[Math.max(0, here())]?.click() },
    ],
    group,
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !links().includes(event.target as HTMLElement)) return;
    event.preventDefault();
    go(here() + step);
  };
  return { body, onKeyDown };
}
