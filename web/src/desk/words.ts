import { number, percent, type Texts } from "../i18n";

// Words for what the API says by code; a code that is newer than this console is shown as it is.
export type T = Texts["desk"];

export function word(words: object, code: string | null | undefined): string {
  if (!code) return "";
  return (words as Record<string, string | undefined>)[code] ?? code;
}

// What somebody outside wrote or was named, within a sentence of this language: it may run the other way.
export function iso(text: string): string {
  return "\u2068" + text + "\u2069";
}

// "0:07", "1:02:30", in the locale's digits.
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  const two = (n: number) => number(Math.floor(n / 10)) + number(n % 10);
  return shown.map((part, at) => (at ? two(part) : number(part))).join(":");
}

export const share = (value: number | null): string => (value === null ? "" : percent(value / 100));

// "12 … 31 bits": how near, as a part of what still counts.
export function nearness(distance: number, threshold: number): number {
  return threshold > 0 ? Math.min(1, Math.max(0, distance / threshold)) : 0;
}
