// What the API says and takes, as /docs describes it. All times are milliseconds of Unix time.
export type Role = "checker" | "curator" | "reviewer" | "operator" | "auditor";
export type Language = "en" | "fr" | "ar";

export interface Node {
  member: string | null;
  version: string;
  console: boolean;
  follower: boolean;
}
export interface SessionUser {
  name: string;
  role: Role;
  banks: string[] | null; // null: all
  language: Language | null;
  declined: string[];
}
export interface Session {
  signed_in: boolean;
  open: boolean;
  user: SessionUser | null;
  csrf: string | null;
  until_ms: number | null;
  node: Node;
}
export interface Totp {
  secret: string;
  uri: string;
  svg: string;
}
export interface Exposure {
  reveals: number;
  seconds: number;
}
export interface Me {
  name: string;
  role: Role;
  language: Language | null;
  declined: string[];
  exposure: { today: Exposure; week: Exposure };
}
export interface User {
  user: string;
  name: string;
  role: Role;
  banks: string[] | null;
  language: Language | null;
  enabled: boolean;
  enrolled: boolean;
  created_ms: number;
  invited_until_ms: number | null;
}
export interface Invited {
  user: User;
  invitation: { code: string; url: string; until_ms: number } | null;
}
export interface GroupExposure {
  from_ms: number;
  to_ms: number;
  group: { people: number; week: Exposure } | null;
}

// ---------------------------------------------------------------------------------------------- cases
export type CaseKind = "match" | "report" | "dispute" | "sample" | "appeal";
export type CaseState = "open" | "second" | "decided" | "closed";
export type Severity = "critical" | "high" | "medium" | "low";
export type Priority = "urgent" | "high" | "normal" | "low";
export type Orientation = string;
export type Share = "whole" | "most" | "part";

export interface Lease {
  by: string;
  mine: boolean;
  until_ms: number;
}
export interface CaseBrief {
  id: number;
  kind: CaseKind;
  state: CaseState;
  bank: string | null;
  entry: string | null;
  content_class: string | null;
  severity: Severity;
  priority: Priority;
  reach: number | null;
  opened_ms: number;
  last_ms: number;
  upload_count: number;
  cluster_count: number;
  report_count: number;
  surfaces: string[];
  languages: string[];
  known_copy: boolean;
  second_needed: boolean;
  lease: Lease | null;
  version: number;
}
export interface CaseList {
  cases: CaseBrief[];
  counts: { open: number; mine: number; second: number; appeals: number; urgent: number };
  cursor: string | null;
}
export interface Why {
  reason: string;
  signal: string | null; // null: nothing was compared
  distance: number | null;
  threshold: number | null;
  orientation: Orientation | null;
  share_percent: number | null;
}
export interface OpinionInfo {
  member: string;
  own: boolean;
  opinion: "confirm" | "dispute" | "seen";
  time_ms: number;
}
export interface EntryInfo {
  entry: string;
  bank: string;
  mode: Mode;
  own: boolean;
  member: string;
  source: string;
  content_class: string;
  ground: string;
  territory: string[] | string;
  labels: Record<string, string>;
  added_ms: number;
  expires_ms: number | null;
  confirm_count: number;
  dispute_count: number;
  seen_count: number;
  opinions: OpinionInfo[];
}
export interface Preview {
  id: string;
  kind: "page" | "frame" | "region";
  width: number;
  height: number;
  size: number;
}
export type Place =
  | { kind: "region"; x: number; y: number; w: number; h: number }
  | { kind: "time"; from_s: number; to_s: number }
  | { kind: "page"; page: number }
  | { kind: "text"; quote: string };
export interface Upload {
  id: string | number;
  content_id: string;
  uploader_ref?: string;
  evidence_url?: string;
  time_ms: number;
  surface: string | null;
  language: string | null;
  caption: string | null;
  distance: number | null;
  orientation: Orientation | null;
  share_percent: number | null;
  places: Place[];
  reports: { category: string; text: string | null; time_ms: number }[];
  state: "open" | "decided" | "restored";
  decision: string | null;
  previews: Preview[];
  exempt: string | null;
}
export interface UploadList {
  uploads: Upload[];
  cursor: string | null;
}
export interface Cluster {
  id: number;
  surface: string | null;
  language: string | null;
  caption: string | null;
  share: Share;
  orientation: Orientation;
  upload_count: number;
  open_count: number;
  nearest: number | null;
  first_ms: number;
  last_ms: number;
  decision: string | null;
  known: string | null;
  uploads: Upload[];
}
export interface Note {
  id: string | number;
  by: string;
  mine: boolean;
  time_ms: number;
  text: string;
}
export interface CaseFull extends CaseBrief {
  why: Why | null;
  closed_why: string | null;
  entry_info: EntryInfo | null;
  copy: { kept: boolean; previews: Preview[] };
  clusters: Cluster[]; // those with something open first
  clusters_cursor?: string | null;
  notes: Note[];
  decisions: Decision[];
  escalations: Escalation[];
  appeal: {
    id: string;
    text: string;
    language: string | null;
    made_ms: number;
    state: string;
    outcome: "rejected" | "upheld" | null;
    answer?: string | null;
    decision: Decision | null;
  } | null;
  can: { decide: boolean; decide_why: string | null; confirm: boolean; confirm_why: string | null };
}

// ------------------------------------------------------------------------------------------ decisions
export type Action = "none" | "label" | "restrict" | "remove" | "suspend" | "refer" | "preserve";
export type DecisionState =
  "pending" | "waiting_second" | "standing" | "undone" | "refused" | "reversed" | "expired";
export interface Ground {
  basis: "law" | "terms";
  article: string;
  text: string;
}
export interface Withheld {
  until_ms: number;
  authority: string;
  ground: string;
  extended?: boolean;
}
export interface Decision {
  id: string;
  case: number | null; // null: an automated block
  cluster: number | null;
  upload_count: number;
  actions: Action[];
  ground: Ground;
  territory: string[] | null; // none: everywhere
  until_ms: number;
  automated: boolean;
  by: string;
  mine: boolean;
  state: DecisionState;
  second: {
    needed: boolean;
    by: string | null;
    mine?: boolean;
    agreed: boolean | null;
    text?: string | null;
  } | null;
  made_ms: number;
  undo_until_ms: number;
  statement: { language: string; text: string } | null;
  withheld: Withheld | null;
  appeal_until_ms: number;
  entry_opinion: "confirm" | "dispute" | null;
}
export interface DecisionInput {
  cluster: number;
  uploads?: (string | number)[];
  actions: Action[];
  ground: Ground;
  territory?: string[];
  duration_days: number;
  entry_opinion: "confirm" | "dispute" | null;
  withhold: { until_ms: number; authority: string; ground: string } | null;
  language?: string;
  version: number;
}
export interface DecisionList {
  decisions: Decision[];
  cursor: string | null;
}
export type Purpose = "journalism" | "research" | "refutation" | "art";
export interface Exemption {
  id: string;
  for: "uploader" | "url";
  uploader_ref?: string | null;
  url?: string | null;
  entry: string;
  purpose: Purpose;
  until_ms: number;
  note?: string | null;
  made_ms: number;
}
export interface ExemptionList {
  exemptions: Exemption[];
  cursor: string | null;
}
export interface Escalation {
  id: string;
  case: number;
  authority: string;
  contact: string;
  told_ms: number;
  sent: string;
  by: string;
  mine: boolean;
  made_ms: number;
  second: { by: string | null; agreed: boolean | null; needed?: boolean } | null;
}
export interface EscalationList {
  escalations: Escalation[];
  cursor: string | null;
}

// ------------------------------------------------------------------------------ banks, keys, webhooks
export type Mode = "shadow" | "review" | "block";
export interface Bank {
  name: string;
  gid: string;
  own: boolean;
  member: string; // who owns it
  mode: Mode;
  threshold: number;
  sample_ppm: number;
  second_eyes: boolean;
  entries: number;
  withdrawn: number;
  created: string;
}
export interface BankList {
  banks: Bank[];
  next: string | null;
}

export interface Key {
  id: string;
  name: string;
  role: Role;
  banks: string[] | null;
  created: string;
  expires: string | null;
  revoked: string | null;
  used: string | null;
  held_by: KeyHolder | null; // nobody: a machine's
  rate_per_s: number;
  quota_per_day: number;
}
export interface KeyHolder {
  id: string;
  name: string;
  role: Role;
  able: boolean; // enabled and enrolled
}
export interface KeyMade extends Key {
  key: string;
}
export interface Webhook {
  id: string;
  url: string;
  events: string[];
  banks: string[] | null;
  enabled: boolean;
  created: string;
  secret?: string | null;
}
export interface Delivery {
  delivery: number;
  event_id: string;
  event: string;
  state: "waiting" | "dead";
  attempts: number;
  created: string;
  next: string | null;
  failed: string | null;
  last_status: number;
  last_error: string | null;
  body: unknown;
}
export interface DeliveryList {
  deliveries: Delivery[];
  next: string | null;
}
export interface DeskSetting {
  name: string;
  value: number;
  default: number;
  min: number;
  max: number;
  unit: string;
  help: string;
}
export interface Settings {
  private_basis: string | null;
  open: boolean;
  fetch: boolean;
  lookback: boolean;
  check_budget_ms: number;
  file_max: number;
  batch_max: number;
  rate_per_s: number;
  leader: string | null;
  desk?: DeskSetting[];
}
export interface Stats {
  version: string;
  member: string | null;
  follower: boolean;
  started: string;
  feed: number;
  feed_size: number;
  banks: number;
  entries: number;
  withdrawn: number;
  expired: number;
  signals: Record<string, number>;
  index: {
    values: number;
    size: number;
    seq: number;
    degenerate: number;
    snapshot_seq: number;
    snapshot_size: number;
    mended: number;
    simd: string;
  };
  lookback: number;
}
