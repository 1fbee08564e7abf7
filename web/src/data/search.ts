import { useEffect, useState } from "preact/hooks";
import { asApiError, get, type ApiError } from "../api";
import type { Entry, EntryPage } from "./types";

// A search that goes through the entries: an answer may be short and still have more behind it, so that it is asked again by
// itself until a page is full, and tells how far it has come.
const PAGE = 50;

export interface Search {
  entries: Entry[];
  busy: boolean;
  at: number | null; // gone through down to this number; null: to the end
  error: ApiError | null;
  more: () => void;
  stop: () => void;
}
interface State {
  path: string | null;
  entries: Entry[];
  want: number;
  at: number | null;
  busy: boolean;
  error: ApiError | null;
}

const begin = (path: string | null): State => ({
  path,
  entries: [],
  want: PAGE,
  at: null,
  busy: path !== null,
  error: null,
});

export function useSearch(path: string | null): Search {
  const [state, setState] = useState<State>(() => begin(path));
  const now = state.path === path ? state : begin(path);
  const { at, busy, want } = now;
  const count = now.entries.length;
  useEffect(() => {
    if (!path || !busy) return;
    const abort = new AbortController();
    const cursor = at === null ? "" : "&cursor=" + at;
    const limit = Math.max(1, want - count);
    get<EntryPage>(`${path}&limit=${limit}${cursor}`, abort.signal).then(
      page => {
        const entries = [...now.entries, ...page.entries];
        const next = page.next ? Number(page.next) : null;
        setState({
          path,
          entries,
          want,
          at: next,
          busy: next !== null && entries.length < want,
          error: null,
        });
      },
      (cause: unknown) => {
        if (!abort.signal.aborted) setState({ ...now, busy: false, error: asApiError(cause) });
      },
    );
    return () => abort.abort();
  }, [path, busy, at, count, want]);
  return {
    entries: now.entries,
    busy,
    at,
    error: now.error,
    more: () => setState({ ...now, want: count + PAGE, busy: true, error: null }),
    stop: () => setState({ ...now, busy: false }),
  };
}
