import { useEffect, useState } from "preact/hooks";

// A value that components can watch. What few things the whole console shares (session, language, toasts) are cells.
export interface Cell<T> {
  get(): T;
  set(next: T): void;
  watch(then: (value: T) => void): () => void;
}

export function cell<T>(value: T): Cell<T> {
  const watchers = new Set<(value: T) => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const then of [...watchers]) then(value);
    },
    watch(then) {
      watchers.add(then);
      return () => watchers.delete(then);
    },
  };
}

export function useCell<T>(of: Cell<T>): T {
  const [value, setValue] = useState(() => of.get());
  useEffect(() => {
    setValue(() => of.get()); // it may have changed between rendering and now
    return of.watch(next => setValue(() => next));
  }, [of]);
  return value;
}
