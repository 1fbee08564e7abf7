import { useEffect, useState } from "preact/hooks";
import { span } from "../i18n";
import { Moment } from "../ui";

const STEP_MS = 30_000;

// The time, which goes on while the page is open.
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), STEP_MS);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

// For how long something has waited.
export function Waiting({ since_ms, now_ms }: { since_ms: number; now_ms: number }) {
  return <Moment ms={since_ms}>{span(Math.max(0, now_ms - since_ms) / 1000)}</Moment>;
}
