import type { Mode, Preview } from "../types";

// What is known, as the API says it (see /docs). Times are texts here, as in the older half of the API.
export type SignalType = "pdq" | "sha256" | "md5";
export interface Signal {
  type: SignalType;
  value: string;
  quality?: number;
}
export type EntryState = "in_force" | "expired" | "withdrawn" | "erased";
export interface Entry {
  entry: number;
  gid: string;
  bank: string;
  member: string;
  own: boolean;
  state: EntryState;
  signals: Signal[];
  class: string;
  ground: string | null;
  labels: Record<string, string>;
  source: string | null;
  territory: string | null;
  added: string | null;
  expires: string | null;
  muted_until: string | null;
  opinions: { confirm: number; dispute: number; seen: number };
}
export interface EntryPage {
  entries: Entry[];
  next?: string | null;
}
export interface EntryCopy {
  kept: boolean;
  vault: boolean;
  previews: Preview[];
}
export interface OpinionList {
  opinions: {
    member: string;
    own: boolean;
    opinion: "none" | "confirm" | "dispute" | "seen";
    given: string;
  }[];
}
export interface Check {
  check: number;
  time: string;
  verdict: "no_match" | "undecided" | "review" | "block";
  content_id: string | null;
  surface: string;
  language: string | null;
  decision: string | null;
  reversed: string | null;
}
export interface CheckList {
  checks: Check[];
  next: string | null;
}
export interface Added {
  results: { result: "added" | "already" | "degenerate"; entry?: number }[];
  added: number;
  already: number;
  degenerate: number;
}
export interface Imported {
  added: number;
  already: number;
  degenerate: number;
  bad: number;
  problems: string[];
}

export interface EffectSide {
  mode: Mode;
  pdq_radius: number;
  shadow: number;
  review: number;
  block: number;
}
export interface Effect {
  days: number;
  from_ms: number;
  to_ms: number;
  checks: number;
  lookups: number;
  matches: number;
  digests: number;
  by_distance: number[];
  now: EffectSide;
  would: EffectSide;
  unknown_above: number | null;
  at_least: boolean;
  sample_ppm: number;
}

export interface Undecided {
  part: string;
  code: string;
  reason: string;
}
export interface Content {
  size: number;
  format: string | null;
  width?: number;
  height?: number;
  quality?: number;
  sha256?: string;
  md5?: string;
}
export interface Hashed {
  signals: Signal[];
  pictures: { variant: string; quality: number; degenerate: boolean; pdq: Record<string, string> }[];
  undecided: Undecided[];
  content: Content;
}
export interface Match {
  entry: number;
  bank: string;
  mode: Mode;
  signal: SignalType;
  distance: number;
  threshold: number;
  orientation?: string;
  class: string;
  labels: Record<string, string>;
  disputed?: boolean;
}
export interface Batch {
  results: { index: number; matches: Match[]; more: number }[];
  undecided: Undecided[];
}

export interface Series {
  from_ms: number;
  step_s: number;
  points: number;
  series: Record<string, (number | null)[]>;
}
export interface Sources {
  sources: { member: string; own: boolean; decisions: number; decided: number; upheld: number; precision: number | null }[];
  days: number;
  decided_min: number;
}
export interface Health {
  state: "loading" | "ready" | "behind" | "draining" | "failed";
  version: string;
  now_ms: number;
  started_ms: number;
  follower: boolean;
  heard_ms: number | null;
  feed_seq: number;
  index: {
    values: number;
    size: number;
    degenerate: number;
    seq: number;
    lag: number;
    snapshot_seq: number;
    mended: number;
  } | null;
  entries: { in_force: number; expired: number; withdrawn: number } | null;
  outbox: { waiting: number; dead: number; oldest_ms: number | null } | null;
  disk: { free: number; size: number } | null;
  decode_failures: { reason: string; count: number }[];
  lookback: number;
}
