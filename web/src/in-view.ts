import { useEffect, useState } from "preact/hooks";

const SOON_MS = 30; // so that painting is not put off

// Of a long list what fits on the screen comes first, and the rest as soon as that has been painted. `items` itself comes
// back when nothing is missing.
export function useInView<T>(items: T[], room: number): T[] {
  const [whole, setWhole] = useState(false);
  const any = items.length > 0;
  useEffect(() => {
    if (!any) return;
    const timer = window.setTimeout(() => setWhole(true), SOON_MS);
    return () => window.clearTimeout(timer);
  }, [any]);
  return whole || items.length <= room ? items : items.slice(0, room);
}

export const roomFor = (row_px: number, above_px: number): number =>
  Math.max(4, Math.ceil((window.innerHeight - above_px) / row_px));
