import { asApiError, post } from "../api";
import { cell } from "../cell";
import { texts } from "../i18n";
import { navigate } from "../router";
import type { Decision } from "../types";
import { toast } from "../ui";

// The way back from a decision, for as long as the node allows: a toast that outlives the page it came from. It is told by
// the span between two of the node's own times, since this machine's clock may be another. Whoever takes a decision back
// wants to make another one, so they are brought back to the case, and find there what they had written.
export const undone = cell<{ decision: string } | null>(null);

export function toastDecided(decision: Decision, restore: () => void = () => {}): void {
  const t = texts().desk;
  const seconds = Math.floor((decision.undo_until_ms - decision.made_ms) / 1000);
  const waiting = decision.state === "waiting_second";
  const said = waiting ? t.decide.waiting : t.decide.made(decision.upload_count);
  if (seconds <= 0 && !waiting) return void toast(said);
  toast(said, {
    seconds: Math.max(seconds, waiting ? 8 : 1),
    undo: () => void undo(decision, restore),
  });
}

export async function undo(decision: Decision, restore: () => void = () => {}): Promise<void> {
  const t = texts().desk;
  try {
    await post(`/v1/decisions/${decision.id}/undo`);
    restore();
    toast(t.decide.undone);
    const path = `/cases/${decision.case}`;
    if (decision.case && location.pathname !== path && location.pathname.startsWith("/cases/"))
      navigate(path);
    undone.set({ decision: decision.id });
  } catch (cause) {
    const error = asApiError(cause);
    toast((t.refusals as Record<string, string | undefined>)[error.code] ?? error.message, { kind: "wrong" });
  }
}
