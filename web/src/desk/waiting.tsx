import { useEffect, useState } from "preact/hooks";
import { dateTime, span } from "../i18n";

// For how long something has waited; it counts on while the page is open.
export function Waiting({ since_ms }: { since_ms: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 30_000);
    return () => window.clearInterval(timer);
  }, []);
  return <time title={dateTime(since_ms)}>{span(Math.max(0, now - since_ms) / 1000)}</time>;
}
