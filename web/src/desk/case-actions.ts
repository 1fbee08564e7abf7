import { post } from "../api";
import { navigate } from "../router";
import type { CaseBrief } from "../types";

// Takes the most pressing case that is free, and goes there; false where there is none.
export async function takeNext(
  filters: { kind?: string | null; bank?: string | null; after?: number } = {},
): Promise<boolean> {
  const body: Record<string, string | number> = {};
  // From which one goes on: it is given back, and another one comes.
  if (filters.after) body["after"] = filters.after;
  if (filters.kind) body["kind"] = filters.kind;
  if (filters.bank) body["bank"] = filters.bank;
  const answer = await post<{ case: CaseBrief } | undefined>("/v1/cases/next", body);
  if (!answer) return false;
  navigate(`/cases/${answer.case.id}`);
  return true;
}
