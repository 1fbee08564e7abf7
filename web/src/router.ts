import { cell, useCell } from "./cell";
import { useEffect } from "preact/hooks";
import table from "./pages.json";

// Real paths, one index.html. A page is a row of pages.json and a file in pages/; nothing else names it.
export interface Route {
  page: string; // "" where no page has this path
  path: string;
  params: Record<string, string>;
  query: URLSearchParams;
  hash: string;
}

const patterns = table.map(({ path, page }) => ({ page, parts: path.split("/").slice(1) }));

export function match(path: string): { page: string; params: Record<string, string> } | null {
  const parts = path
    .replace(/(.)\/+$/, "$1")
    .split("/")
    .slice(1);
  for (const { page, parts: pattern } of patterns) {
    const params: Record<string, string> = {};
    const fits =
      pattern.length === parts.length && pattern.every((want, i) => fit(want, parts[i] ?? "", params));
    if (fits) return { page, params };
  }
  return null;
}

function fit(want: string, part: string, params: Record<string, string>): boolean {
  if (!want.startsWith("{")) return want === part;
  try {
    params[want.slice(1, -1)] = decodeURIComponent(part);
  } catch {
    return false;
  }
  return part !== "";
}

function read(): Route {
  const { pathname, search, hash } = window.location;
  const found = match(pathname);
  const query = new URLSearchParams(search);
  return { page: found?.page ?? "", path: pathname, params: found?.params ?? {}, query, hash };
}

export const route = cell<Route>(read());
export const useRoute = (): Route => useCell(route);

const unsaved = new Map<symbol, string>(); // what to ask first

// Whether one has come to another path since this was last asked: then the page's title gets the focus.
let arrived = false;
export function takeArrival(): boolean {
  const was = arrived;
  arrived = false;
  return was;
}

function go(): void {
  arrived ||= route.get().path !== window.location.pathname;
  route.set(read());
}

export function navigate(href: string, how: { replace?: boolean; force?: boolean } = {}): void {
  const [question] = unsaved.values();
  if (question && !how.force && !window.confirm(question)) return;
  if (how.replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  go();
}

// Changes the query of this page in place: null and "" take a parameter away.
export function setQuery(change: Record<string, string | null>): void {
  const query = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(change)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  history.replaceState(null, "", window.location.pathname + (text ? "?" + text : ""));
  route.set(read());
}

// Asks before what was typed is lost, as long as `dirty`.
export function useUnsaved(dirty: boolean, question: string): void {
  useEffect(() => {
    if (!dirty) return;
    const one = Symbol();
    const leave = (event: BeforeUnloadEvent) => event.preventDefault();
    unsaved.set(one, question);
    window.addEventListener("beforeunload", leave);
    return () => {
      unsaved.delete(one);
      window.removeEventListener("beforeunload", leave);
    };
  }, [dirty, question]);
}

// Plain <a href="/queue"> is all that a page writes.
function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.hasAttribute("download") || link.origin !== window.location.origin) return;
  if (!match(link.pathname) || (link.hash && link.pathname === window.location.pathname)) return;
  event.preventDefault();
  navigate(link.pathname + link.search + link.hash);
}

// Going back is over when one hears of it; who would rather stay is put back.
function back(): void {
  const [question] = unsaved.values();
  const { path, query, hash } = route.get();
  if (question && !window.confirm(question)) {
    const text = query.toString();
    history.pushState(null, "", path + (text ? "?" + text : "") + hash);
    return;
  }
  go();
}

export function startRouter(): void {
  window.addEventListener("popstate", back);
  document.addEventListener("click", follow);
}
