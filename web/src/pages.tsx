import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Skeleton } from "./ui/states";

// Every file of pages/ is a chunk of its own, loaded when it is first wanted.
const files = import.meta.glob<{ default: ComponentType }>("./pages/*.tsx");
const loaded = new Map<string, ComponentType>();

export async function preload(page: string): Promise<ComponentType | null> {
  const there = loaded.get(page);
  const file = files[`./pages/${page}.tsx`];
  if (there || !file) return there ?? null;
  const { default: component } = await file();
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
