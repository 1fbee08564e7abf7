import { session } from "./api";
import { useCell } from "./cell";
import type { Role, Session } from "./types";

// What a role may do, as the API's own table has it (src/engine/may.c): the console does not show what would be refused.
const rights = {
  "case.read": "reviewer operator auditor",
  "case.work": "reviewer operator",
  decide: "reviewer operator",
  "exemption.read": "reviewer operator auditor",
  "exemption.change": "reviewer operator",
  escalate: "reviewer operator",
  "preview.read": "reviewer operator",
  "insight.read": "curator reviewer operator auditor",
  "exposure.group": "operator",
  "bank.read": "checker curator reviewer operator auditor",
  "bank.change": "curator operator",
  "bank.create": "curator operator",
  "entry.read": "curator reviewer operator auditor",
  "entry.add": "curator operator",
  "entry.change": "curator operator",
  "entry.mute": "curator reviewer operator",
  "entry.withdraw": "curator reviewer operator",
  "entry.erase": "operator",
  "opinion.give": "curator reviewer operator",
  find: "checker curator reviewer operator",
  "user.read": "operator auditor",
  "user.change": "operator",
  "key.read": "operator auditor",
  "key.change": "operator",
  "webhook.read": "operator auditor",
  "webhook.change": "operator",
  "setting.change": "operator",
  "status.read": "checker curator reviewer operator auditor",
} as const;

export type Right = keyof typeof rights;

export function roleMay(role: Role, right: Right): boolean {
  return rights[right].split(" ").includes(role);
}

export function useMay(): (right: Right) => boolean {
  const role = useRole();
  return right => role !== null && roleMay(role, right);
}

// Open access on loopback is an operator's.
export const roleOf = (now: Session | null): Role | null =>
  now?.user?.role ?? (now?.open ? "operator" : null);
export const useRole = (): Role | null => roleOf(useCell(session));

// "/" is where the role's work is.
export function homeOf(role: Role): string {
  if (roleMay(role, "case.work")) return "/queue";
  return roleMay(role, "insight.read") ? "/dashboard" : "/banks";
}
