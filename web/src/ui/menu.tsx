import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "./button";
import type { IconName } from "./icon";

// A button that opens a short list of deeds. Escape and a click elsewhere close it; arrows move in it.
export interface MenuItem {
  text: ComponentChildren;
  run: () => void;
  danger?: boolean;
  checked?: boolean; // of a choice
}

export function Menu({
  label,
  icon = "more",
  text,
  items,
}: {
  label: string;
  icon?: IconName;
  text?: ComponentChildren;
  items: MenuItem[];
}) {
  const [open, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // To the side and the height where there is room.
    const box = list.current?.getBoundingClientRect();
    if (!box) return;
    list.current?.classList.toggle("end", box.left < 0 || box.right > document.documentElement.clientWidth);
    list.current?.classList.toggle("up", box.bottom > window.innerHeight && box.height < box.top);
  }, [open]);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event) => {
      if (!(event.target instanceof Node && ref.current?.contains(event.target))) setOpen(false);
    };
    ref.current?.querySelector<HTMLElement>("[aria-checked=true],[role^=menuitem]")?.focus();
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
    };
  }, [open]);
  const close = () => {
    setOpen(false);
    ref.current?.querySelector("button")?.focus();
  };
  const move = (event: KeyboardEvent) => {
    if (!open) return;
    const buttons = [...(ref.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (to !== undefined) buttons.at(to % buttons.length)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu" ref={ref} onKeyDown={move}>
      <Button
        kind="quiet"
        icon={icon}
        {...(text ? {} : { label })}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {text}
      </Button>
      {open && (
        <div class="menu-list" ref={list} role="menu" id={id} aria-label={label}>
          {items.map((item, i) => (
            <button
              type="button"
              key={i}
              role={item.checked === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.checked}
              tabIndex={-1}
              class={item.danger ? "danger" : undefined}
              onClick={() => {
                close();
                item.run();
              }}
            >
              {item.text}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
