import { useEffect, useState } from "preact/hooks";

const SOON_MS = 30; // so that painting is not put off

// Whether the page has been painted once since it was `ready`: what nobody sees at once is rendered then.
export function useLater(ready = true): boolean {
  const [later, setLater] = useState(false);
  useEffect(() => {
    if (!ready) return;
    const timer = window.setTimeout(() => setLater(true), SOON_MS);
    return () => window.clearTimeout(timer);
  }, [ready]);
  return later;
}

// Of a long list what fits on the screen comes first, and the rest later. `items` itself comes back when nothing is missing.
export function useInView<T>(items: T[], room: number): T[] {
  const whole = useLater(items.length > 0);
  return whole || items.length <= room ? items : items.slice(0, room);
}

export const roomFor = (row_px: number, above_px: number): number =>
  Math.max(4, Math.ceil((window.innerHeight - above_px) / row_px));
