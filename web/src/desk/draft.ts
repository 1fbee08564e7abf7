/* What somebody has typed and not sent, kept in this tab through a reload and through the end of a session: under the
 * person's own name, so that the next one at the same screen does not find it. Gone with the tab. */

import { useEffect, useRef, useState } from "preact/hooks";

const PREFIX = "hilf.draft";
const AGE_MAX_MS = 24 * 3_600_000;

interface Kept<T> {
  at_ms: number;
  value: T;
}

export function draftRead<T>(who: string, what: string): T | null {
  try {
    const text = sessionStorage.getItem(`${PREFIX}.${who}.${what}`);
    if (!text) return null;
    const kept = JSON.parse(text) as Kept<T>;
    return Date.now() - kept.at_ms < AGE_MAX_MS ? kept.value : null;
  } catch {
    return null;
  }
}

export function draftWrite<T>(who: string, what: string, value: T | null): void {
  const key = `${PREFIX}.${who}.${what}`;
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify({ at_ms: Date.now(), value } satisfies Kept<T>));
  } catch {
    /* Full or forbidden: the form still holds it while the page is open. */
  }
}

/** A value that outlives the page: [value, set, forget]. `what` may change; the draft of the new one is then read. */
export function useDraft<T>(who: string, what: string, empty: T): [T, (value: T) => void, () => void] {
  const [held, hold] = useState<{ what: string; value: T }>(() => ({
    what,
    value: draftRead<T>(who, what) ?? empty,
  }));
  const current = held.what === what ? held.value : (draftRead<T>(who, what) ?? empty);
  const empty_text = useRef(JSON.stringify(empty));
  empty_text.current = JSON.stringify(empty);
  useEffect(() => {
    if (held.what !== what) hold({ what, value: current });
  }, [what]);
  const set = (value: T) => {
    hold({ what, value });
    draftWrite(who, what, JSON.stringify(value) === empty_text.current ? null : value);
  };
  const forget = () => {
    hold({ what, value: empty });
    draftWrite(who, what, null);
  };
  return [current, set, forget];
}
