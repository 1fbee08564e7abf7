import { useEffect, useRef } from "preact/hooks";
import { cell, useCell } from "../cell";
import { useTexts } from "../i18n";
import { keep, kept } from "../keep";
import { Dialog } from "./dialog";
import { CheckField } from "./field";

// Keys that do something on the page that is shown: useKeys([{key: "j", text: t.nextCase, run: next}]). They rest while
// something is typed or a dialog is open, can be turned off (WCAG 2.1.4), and `?` lists those that hold now.
export interface Key {
  key: string; // KeyboardEvent.key; "Shift+X" and two in a row ("g q") are understood
  text: string; // what it does
  run: ((event: KeyboardEvent) => void) | null; // null: only listed; what it does is done elsewhere
  hidden?: boolean; // not in the list
}

const sets = cell<{ keys: Key[]; group: string }[]>([]);
export const singleKeys = cell(kept("keys") !== "off");
export function setSingleKeys(on: boolean): void {
  keep("keys", on ? null : "off");
  singleKeys.set(on);
}

// group: the head under which `?` lists them.
export function useKeys(keys: Key[], group = ""): void {
  const own = useRef({ keys, group });
  own.current.keys = keys;
  own.current.group = group;
  useEffect(() => {
    sets.set([...sets.get(), own.current]);
    return () => sets.set(sets.get().filter(set => set !== own.current));
  }, []);
}

export const helpOpen = cell(false);
let before = "";

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) &&
        !/^(checkbox|radio|button)$/.test((target as HTMLInputElement).type)))
  );
}

// A letter is what the key says where that is Latin, and where it lies otherwise, so that j is under the same finger on an
// Arabic keyboard; a digit always is where it lies, since a French keyboard wants Shift for it.
function nameOf(event: KeyboardEvent): string {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  if (digit?.[1] && !event.shiftKey) return digit[1];
  if (event.key === "؟") return "?";
  if (event.key.length > 1) return event.shiftKey ? "Shift+" + event.key : event.key;
  if (/^[!-~]$/.test(event.key)) return event.shiftKey ? event.key : event.key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(event.code);
  return letter?.[1]?.toLowerCase() ?? { BracketLeft: "[", BracketRight: "]" }[event.code] ?? event.key;
}

function press(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
  if (!singleKeys.get() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const name = nameOf(event);
  const all = sets.get().flatMap(set => set.keys.filter(one => one.run));
  const found = all.findLast(one => one.key === before + name) ?? all.findLast(one => one.key === name);
  before = all.some(one => one.key.startsWith(name + " ")) ? name + " " : "";
  if (!found) return;
  event.preventDefault();
  found.run?.(event);
}

export function startKeys(): void {
  document.addEventListener("keydown", press);
}

export function KeyHelp() {
  const t = useTexts().shell;
  const open = useCell(helpOpen);
  const on = useCell(singleKeys);
  useCell(sets);
  if (!open) return null;
  const groups = new Map<string, Key[]>();
  for (const set of sets.get()) {
    const shown = set.keys.filter(one => !one.hidden);
    if (shown.length) groups.set(set.group, [...(groups.get(set.group) ?? []), ...shown]);
  }
  return (
    <Dialog title={t.keyHelp} wide onClose={() => helpOpen.set(false)}>
      <p class="muted">{t.keyHelpText}</p>
      <CheckField label={t.account.keys} checked={on} onValue={setSingleKeys} />
      <div class="key-groups">
        {[...groups].map(([group, keys]) => (
          <section key={group}>
            {group && <h3>{group}</h3>}
            <dl class="key-list">
              {keys.map(one => (
                <div key={one.key}>
                  <dt>
                    <Keys of={one.key} />
                  </dt>
                  <dd>{one.text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

export function Keys({ of }: { of: string }) {
  const t = useTexts().desk.keys;
  return (
    <bdi dir="ltr">
      {of.split(/[ +](?=.)/).map((one, i) => (
        <kbd key={i}>{one === " " ? t.space : one}</kbd>
      ))}
    </bdi>
  );
}
