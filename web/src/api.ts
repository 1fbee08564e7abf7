import { useEffect, useRef, useState } from "preact/hooks";
import { cell } from "./cell";
import type { Session } from "./types";

// The one way to the API. A session that ends in mid-sentence costs nothing that was typed: the request waits until the
// person has signed in again (see again.tsx) and is then sent once more. Requests that only read are tried again by
// useLoad while the node restarts.
export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: no answer came
    readonly code: string, // as in /docs; "offline" where no answer came
    message: string,
    readonly hint: string,
    readonly body: unknown = null,
  ) {
    super(message);
  }
  // The node starts, stops or cannot be reached: worth another try.
  get passing(): boolean {
    return this.status === 0 || this.status === 502 || (this.status === 503 && this.code !== "failed");
  }
}

export const session = cell<Session | null>(null);
export const offline = cell(false);

// What the shell gives: asks the person to sign in again; rejects when it will not.
let askAgain: (() => Promise<void>) | null = null;
export function onSessionEnd(ask: () => Promise<void>): void {
  askAgain = ask;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export interface RequestOptions {
  signal?: AbortSignal | undefined;
  file?: Blob; // instead of JSON: the body as it is
  background?: boolean; // the page asks by itself, which does not keep an idle session open
}

export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  options: RequestOptions = {},
): Promise<T> {
  let answer = await send(method, path, body, options);
  if (answer.status === 403 && (await codeOf(answer)) === "csrf") {
    await refreshSession(); // another tab has signed in again
    answer = await send(method, path, body, options);
  }
  // What the page asks by itself interrupts nobody: the person is asked when they do something.
  const asks = !options.background && !path.startsWith("/v1/session");
  if (answer.status === 401 && session.get()?.user && asks) {
    await signedInAgain();
    answer = await send(method, path, body, options);
  }
  if (!answer.ok) throw await errorOf(answer);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function send(method: Method, path: string, body: unknown, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const csrf = session.get()?.csrf;
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (options.background) headers["X-Background"] = "1";
  if (options.file) headers["Content-Type"] = options.file.type || "application/octet-stream";
  const payload = options.file ?? (body === undefined ? null : JSON.stringify(body));
  try {
    const answer = await fetch(path, { method, headers, body: payload, signal: options.signal ?? null });
    offline.set(false);
    return answer;
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    offline.set(true);
    throw new ApiError(0, "offline", String(cause), "");
  }
}

interface ErrorBody {
  error?: { code?: string; message?: string; hint?: string };
}

async function codeOf(answer: Response): Promise<string> {
  const body = (await answer
    .clone()
    .json()
    .catch(() => null)) as ErrorBody | null;
  return body?.error?.code ?? "";
}

async function errorOf(answer: Response): Promise<ApiError> {
  const body = (await answer.json().catch(() => null)) as ErrorBody | null;
  const { code = "http", message = answer.statusText, hint = "" } = body?.error ?? {};
  return new ApiError(answer.status, code, message, hint, body);
}

let asking: Promise<void> | null = null;
function signedInAgain(): Promise<void> {
  if (!askAgain) return Promise.reject(new ApiError(401, "session_ended", "", ""));
  asking ??= askAgain().finally(() => (asking = null));
  return asking;
}

// Who is signed in now. Whoever was keeps their page: where the session is over they are asked to sign in again, and where
// it is somebody else's, since another window signed in, nothing is sent in that name from here.
export async function refreshSession(): Promise<Session> {
  const before = session.get()?.user?.name;
  const now = await request<Session>("GET", "/v1/session", undefined, { background: true });
  if (before !== undefined && !now.user) await signedInAgain();
  else if (before !== undefined && before !== now.user?.name)
    throw new ApiError(403, "csrf", "the session is another person's", "load the page again");
  else session.set(now);
  return session.get() ?? now;
}

export const get = <T>(path: string, signal?: AbortSignal) => request<T>("GET", path, undefined, { signal });
// What a page asks again and again by itself.
export const peek = <T>(path: string, signal?: AbortSignal) =>
  request<T>("GET", path, undefined, { signal, background: true });
export const post = <T = void>(path: string, body: unknown = {}) => request<T>("POST", path, body);
export const put = <T = void>(path: string, body: unknown) => request<T>("PUT", path, body);
export const patch = <T = void>(path: string, body: unknown) => request<T>("PATCH", path, body);
export const remove = <T = void>(path: string) => request<T>("DELETE", path);
export const sendFile = <T>(path: string, file: Blob) => request<T>("POST", path, undefined, { file });

// "/v1/cases" and {state: "open", cursor: null} is "/v1/cases?state=open".
export function withQuery(
  path: string,
  query: Record<string, string | number | boolean | null | undefined>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? path + "?" + text : path;
}

// ------------------------------------------------------------------------------------------- for pages

export interface Loaded<T> {
  data: T | null; // the last that came: it stays while new data is awaited
  error: ApiError | null;
  loading: boolean;
  reload(): void;
  set(data: T): void; // after a change whose outcome is known
}

const RETRY_MS = 2000;

// What the page that is being opened asks first, asked for before it can. Taken once, and forgotten when the page is there.
// The server has told the browser to ask for it together with the scripts; so it is asked for as that is, with no headers.
const early = new Map<string, unknown>();
export async function askEarly<T>(path: string): Promise<T | null> {
  try {
    const answer = await fetch(path);
    if (answer.ok) early.set(path, await answer.json());
  } catch {
    // Who wants it asks again, and says what is wrong.
  }
  return (early.get(path) as T | undefined) ?? null;
}
export const forgetEarly = (): void => early.clear();
function takeEarly<T>(path: string | null): T | null {
  const data = path === null ? null : ((early.get(path) as T | undefined) ?? null);
  if (path !== null) early.delete(path);
  return data;
}

// What GET says; again when the path changes. null: nothing is asked for.
export function useLoad<T>(path: string | null): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: ApiError | null }>(() => {
    const data = takeEarly<T>(path);
    return { path: data === null ? null : path, data, error: null };
  });
  const there = useRef(state.data !== null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const came = there.current;
    there.current = false;
    if (path === null || came) return;
    const abort = new AbortController();
    let timer = 0;
    const load = () =>
      get<T>(path, abort.signal).then(
        data => setState({ path, data, error: null }),
        (error: unknown) => {
          if (abort.signal.aborted) return;
          const failed = asApiError(error);
          if (failed.passing) timer = window.setTimeout(load, RETRY_MS);
          setState(old => ({ path, data: old.path === path ? old.data : null, error: failed }));
        },
      );
    void load();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [path, turn]);
  const current = state.path === path;
  return {
    data: state.data,
    error: current ? state.error : null,
    loading: path !== null && !(current && (state.data !== null || state.error !== null)),
    reload: () => setTurn(now => now + 1),
    set: data => setState({ path, data, error: null }),
  };
}

export interface Pages<T, A = unknown> {
  items: T[];
  first: A | null; // the first page, as it was answered
  error: ApiError | null;
  loading: boolean; // of the first page
  more: (() => void) | null; // null: there is no more
  loadingMore: boolean;
  reload(): void;
}

// A list that comes in pages: `path` without cursor, `items` takes them out of an answer. The next cursor is the answer's
// `cursor` or `next`.
export function usePages<A extends object, T>(path: string | null, items: (answer: A) => T[]): Pages<T, A> {
  const first = useLoad<A>(path);
  const [rest, setRest] = useState<{ of: A | null; answers: A[] }>({ of: null, answers: [] });
  const [loadingMore, setLoadingMore] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const latest = useRef<A | null>(null);
  latest.current = first.data;
  const answers = first.data ? [first.data, ...(rest.of === first.data ? rest.answers : [])] : [];
  const last = answers[answers.length - 1] as { cursor?: string | null; next?: string | null } | undefined;
  const cursor = last?.cursor ?? last?.next ?? null;
  const more = () => {
    const of = first.data;
    if (!of || !path || loadingMore) return;
    setLoadingMore(true);
    setError(null);
    get<A>(path + (path.includes("?") ? "&" : "?") + "cursor=" + encodeURIComponent(String(cursor)))
      .then(
        answer => latest.current === of && setRest({ of, answers: [...answers.slice(1), answer] }),
        (cause: unknown) => setError(asApiError(cause)),
      )
      .finally(() => setLoadingMore(false));
  };
  return {
    items: answers.flatMap(items),
    first: first.data,
    error: first.error ?? error,
    loading: first.loading,
    more: cursor ? more : null,
    loadingMore,
    reload: first.reload,
  };
}

export function asApiError(cause: unknown): ApiError {
  return cause instanceof ApiError ? cause : new ApiError(-1, "console", String(cause), "");
}

// A request that the person starts: `run` does it, and there is never a second one meanwhile.
export function useAction<A extends unknown[]>(
  act: (...args: A) => Promise<void>,
): { run: (...args: A) => void; busy: boolean; error: ApiError | null; clear(): void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const under = useRef(false);
  const run = (...args: A) => {
    if (under.current) return;
    under.current = true;
    setBusy(true);
    setError(null);
    act(...args)
      .catch((cause: unknown) => setError(asApiError(cause)))
      .finally(() => {
        under.current = false;
        setBusy(false);
      });
  };
  return { run, busy, error, clear: () => setError(null) };
}
