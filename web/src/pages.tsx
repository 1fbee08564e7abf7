import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { needData } from "./i18n";
import table from "./pages.json";
import { Skeleton } from "./ui/states";

// The script of an area of pages.json is loaded when the first of its pages is wanted, and with it what only they say.
const withData = new Set(table.filter(({ area }) => area === "known").map(({ page }) => page));
const files = import.meta.glob<{ default: ComponentType }>("./pages/*.tsx");
const loaded = new Map<string, ComponentType>();

export async function preload(page: string): Promise<ComponentType | null> {
  const there = loaded.get(page);
  const file = files[`./pages/${page}.tsx`];
  if (there || !file) return there ?? null;
  const [{ default: component }] = await Promise.all([file(), withData.has(page) && needData()]);
  loaded.set(page, component);
  return component;
}

export function LazyPage({ page }: { page: string }) {
  const [, setTurn] = useState(0);
  const [failed, setFailed] = useState<unknown>(null);
  const Component = loaded.get(page);
  useEffect(() => {
    setFailed(null);
    preload(page).then(() => setTurn(turn => turn + 1), setFailed);
  }, [page]);
  if (failed) throw failed;
  return Component ? <Component /> : <Skeleton lines={6} />;
}
