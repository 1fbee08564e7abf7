import { withQuery } from "./api";
import { STATES } from "./desk/lists";
import type { Route } from "./router";

// What a page asks for first, by its address alone: so that it can be asked for while the page's script is on its way
// (main.tsx; before that by the browser, where the server named it: `first` of pages.json), and by the page itself.
export const QUEUE_PAGE = 50;

export function stateOf(query: URLSearchParams): string {
  const asked = query.get("state") ?? "open";
  return (STATES as readonly string[]).includes(asked) ? asked : "open";
}

export function queuePath(query: URLSearchParams): string {
  const filters = { kind: query.get("kind"), bank: query.get("bank"), class: query.get("class") };
  return withQuery("/v1/cases", { state: stateOf(query), ...filters, limit: QUEUE_PAGE });
}

export const casePath = (id: string): string => `/v1/cases/${encodeURIComponent(id)}`;

export function firstOf({ page, params, query }: Route): string | null {
  if (page === "queue" || page === "home") return queuePath(query);
  if (page === "case") return casePath(params["case"] ?? "");
  return null;
}
