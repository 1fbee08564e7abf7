import { asApiError, post } from "../api";
import { texts } from "../i18n";
import type { Decision } from "../types";
import { cell } from "../cell";
import { toast } from "../ui";

// The way back from a decision, for as long as the node allows: a toast that outlives the page it came from. Told by the
// span between two of the node's own times, since this machine's clock may be another.
export const undone = cell<{ decision: string } | null>(null);

export function toastDecided(decision: Decision): void {
  const t = texts().desk;
  const seconds = Math.floor((decision.undo_until_ms - decision.made_ms) / 1000);
  const waiting = decision.state === "waiting_second";
  const said = waiting ? t.decide.waiting : t.decide.made(decision.upload_count);
  if (seconds <= 0 && !waiting) return void toast(said);
  toast(said, { seconds: Math.max(seconds, waiting ? 8 : 1), undo: () => void undo(decision.id) });
}

export async function undo(id: string): Promise<boolean> {
  const t = texts().desk;
  try {
    await post(`/v1/decisions/${id}/undo`);
    undone.set({ decision: id });
    toast(t.decide.undone);
    return true;
  } catch (cause) {
    const error = asApiError(cause);
    toast((t.refusals as Record<string, string>)[error.code] ?? error.message, { kind: "wrong" });
    return false;
  }
}
