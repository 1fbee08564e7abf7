import { word } from "../desk/words";
import { useTexts } from "../i18n";
import type { Mode } from "../types";
import { Badge, type Tone } from "../ui";
import type { Entry, EntryState, Signal, SignalType } from "./types";

// Small words and signs that all of these pages use.
const modeTones: Record<Mode, Tone> = { shadow: "plain", review: "note", block: "warn" };
const stateTones: Record<EntryState, Tone> = {
  in_force: "good",
  expired: "plain",
  withdrawn: "plain",
  erased: "plain",
};

export function ModeBadge({ mode }: { mode: Mode }) {
  const t = useTexts().data;
  return <Badge tone={modeTones[mode]}>{t.modes[mode]}</Badge>;
}

export function StateBadges({ of }: { of: Entry }) {
  const t = useTexts().data;
  return (
    <span class="badges">
      <Badge tone={stateTones[of.state]}>{word(t.states, of.state)}</Badge>
      {of.state === "in_force" && of.muted_until && <Badge tone="warn">{t.muted}</Badge>}
      {of.opinions.dispute > 0 && <Badge tone="bad">{t.disputed}</Badge>}
    </span>
  );
}

export function Labels({ of }: { of: Record<string, string> }) {
  const labels = Object.entries(of);
  if (!labels.length) return null;
  return (
    <span class="badges">
      {labels.map(([key, value]) => (
        <Badge key={key}>
          <bdi>
            {key}={value}
          </bdi>
        </Badge>
      ))}
    </span>
  );
}

export function Owner({ own, member }: { own: boolean; member: string }) {
  const t = useTexts().data;
  return own ? (
    <>{t.ours}</>
  ) : (
    <bdi class="mono small date" title={member}>
      {member.slice(0, 13)}…
    </bdi>
  );
}

export const bankPath = (name: string): string => "/banks/" + encodeURIComponent(name);
export const bankApi = (name: string): string => "/v1/banks/" + encodeURIComponent(name);
export const ms = (time: string | null): number | null => (time ? Date.parse(time) : null);

// "pdq f8f8…", "sha256 …", or digits alone; `bare`: what 64 of them are. null: it is no signal.
export function readSignal(text: string, bare: SignalType): Signal | null {
  const found = /^(?:(pdq|sha256|md5)[\s:,]+)?([0-9a-f]+)$/i.exec(text.trim());
  if (!found?.[2]) return null;
  const value = found[2].toLowerCase();
  const size = value.length;
  const type = (found[1]?.toLowerCase() as SignalType | undefined) ?? (size === 32 ? "md5" : bare);
  return size === (type === "md5" ? 32 : 64) ? { type, value } : null;
}

// Lines KEY=VALUE; the first that is none.
export function readLabels(text: string): { labels: Record<string, string>; wrong: string | null } {
  const labels: Record<string, string> = {};
  for (const line of text.split("\n").map(one => one.trim())) {
    if (!line) continue;
    const at = line.indexOf("=");
    if (at < 1 || at === line.length - 1) return { labels, wrong: line };
    labels[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return { labels, wrong: null };
}
