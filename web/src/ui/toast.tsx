import { useEffect } from "preact/hooks";
import { cell, useCell } from "../cell";
import { useTexts } from "../i18n";
import { Button } from "./button";

// A word about what was just done, with a way back for a few seconds where there is one. What is wrong stays until it is
// dismissed, and is never told by a toast alone.
interface Toast {
  id: number;
  text: string;
  kind: "done" | "wrong";
  until_ms: number; // 0: until dismissed
  undo: (() => void) | null;
}
const toasts = cell<Toast[]>([]);
let last = 0;

export function toast(
  text: string,
  how: { kind?: "done" | "wrong"; seconds?: number; undo?: () => void } = {},
): () => void {
  const id = ++last;
  const seconds = how.seconds ?? (how.kind === "wrong" ? 0 : 5);
  const until_ms = seconds ? Date.now() + seconds * 1000 : 0;
  const one: Toast = { id, text, kind: how.kind ?? "done", until_ms, undo: how.undo ?? null };
  toasts.set([...toasts.get().slice(-3), one]);
  return () => drop(id);
}

function drop(id: number): void {
  toasts.set(toasts.get().filter(toast => toast.id !== id));
}

// Undoes the newest thing that can be undone: for a key.
export function undoLast(): boolean {
  const one = toasts
    .get()
    .filter(toast => toast.undo)
    .at(-1);
  if (one) undo(one);
  return one !== undefined;
}
function undo(one: Toast): void {
  drop(one.id);
  one.undo?.();
}

export function Toasts() {
  const t = useTexts().shell;
  const all = useCell(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {all.map(one => (
        <ToastView key={one.id} one={one} undoText={t.undo} dismissText={t.dismiss} />
      ))}
    </div>
  );
}

function ToastView({ one, undoText, dismissText }: { one: Toast; undoText: string; dismissText: string }) {
  useEffect(() => {
    if (!one.until_ms) return;
    const timer = window.setTimeout(() => drop(one.id), one.until_ms - Date.now());
    return () => window.clearTimeout(timer);
  }, [one]);
  return (
    <div class={"toast " + one.kind}>
      <span>{one.text}</span>
      {one.undo && (
        <Button small icon="undo" onClick={() => undo(one)}>
          {undoText}
        </Button>
      )}
      <Button small kind="quiet" icon="close" label={dismissText} onClick={() => drop(one.id)} />
      {one.undo && one.until_ms > 0 && (
        <span class="toast-time" style={{ animationDuration: `${one.until_ms - Date.now()}ms` }} />
      )}
    </div>
  );
}
