import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

export interface Tab {
  key: string;
  text: ComponentChildren;
}

export function Tabs({
  label,
  tabs,
  current,
  onTab,
  children,
}: {
  label: string;
  tabs: Tab[];
  current: string;
  onTab: (key: string) => void;
  children: ComponentChildren; // the panel of the current tab
}) {
  const id = useId();
  const ref = useRef<HTMLDivElement>(null);
  const at = tabs.findIndex(tab => tab.key === current);
  const move = (event: KeyboardEvent) => {
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const to = { [forward]: at + 1, [back]: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = (to + tabs.length) % tabs.length;
    const next = tabs[index];
    if (next) onTab(next.key);
    (ref.current?.children[index] as HTMLElement | undefined)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={ref} onKeyDown={move}>
        {tabs.map(tab => (
          <button
            type="button"
            role="tab"
            key={tab.key}
            id={id + tab.key}
            aria-selected={tab.key === current}
            aria-controls={id + "panel"}
            tabIndex={tab.key === current ? 0 : -1}
            onClick={() => onTab(tab.key)}
          >
            {tab.text}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={id + "panel"} aria-labelledby={id + current} tabIndex={-1}>
        {children}
      </div>
    </>
  );
}
