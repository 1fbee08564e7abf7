import { cell } from "../cell";
import { keep, kept } from "../keep";
import type { Language } from "../types";
import type { Data, Frame, Texts } from "./en";
import { plural } from "./plural";
import type { Quick } from "./quick";

// Texts come one language at a time, and what few pages say only with one of them (needData); English has the shape, and a
// key that another language lacks does not compile. A text with something in it is a function. Plural forms are the
// language's own (see forms in plural.ts).
export type { Texts };
export const languages: Record<Language, string> = { en: "English", fr: "Français", ar: "العربية" };

const load: Record<Language, () => Promise<{ default: Frame }>> = {
  en: () => import("./en"),
  fr: () => import("./fr"),
  ar: () => import("./ar"),
};
const loadData: Record<Language, () => Promise<{ default: Data }>> = {
  en: () => import("./en/data"),
  fr: () => import("./fr/data"),
  ar: () => import("./ar/data"),
};

interface Now {
  language: Language;
  texts: Texts;
}
export const spoken = cell<Now | null>(null); // the app watches it, and with it everything is rendered anew
let wanted: Language = "en";
let wantsData = false;

export function isLanguage(text: string | null | undefined): text is Language {
  return text === "en" || text === "fr" || text === "ar";
}

export function firstLanguage(): Language {
  const chosen = kept("language");
  if (isLanguage(chosen)) return chosen;
  const wanted = navigator.languages.map(tag => tag.slice(0, 2)).find(isLanguage);
  return wanted ?? "en";
}

export async function setLanguage(language: Language, remember = true): Promise<void> {
  wanted = language;
  if (remember) keep("language", language);
  const [frame, data] = await Promise.all([load[language](), wantsData ? loadData[language]() : null]);
  if (wanted !== language) return; // another one has been chosen meanwhile
  if (wantsData && !data) return setLanguage(language, false);
  setLocale(language, frame.default.shell.quick);
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  spoken.set({ language, texts: { ...frame.default, data: data?.default as Data } });
}

// Resolves when `useTexts().data` can be read, in whichever language.
export async function needData(): Promise<void> {
  wantsData = true; // where nothing is spoken yet, setLanguage is about to see to it
  const now = spoken.get();
  if (now && !now.texts.data) await setLanguage(wanted, false);
}

// In components. Nothing is rendered before the texts are there, and the app renders everything anew when they change; so
// this watches nothing.
export const useTexts = (): Texts => texts();
export const useLanguage = (): Language => (spoken.get() as Now).language;
// Elsewhere: in what is called long after the start.
export const texts = (): Texts => (spoken.get() as Now).texts;

// ------------------------------------------------------------------------------------ numbers and times

// The region is the browser's where it has one for this language, since digits and dates go by it.
let locale = "en-GB";
let quick: Quick | null = null; // what is known of this locale without Intl
function setLocale(language: Language, known: Quick | null): void {
  const regional = navigator.languages.find(tag => tag.startsWith(language + "-"));
  locale = regional ?? (language === "en" ? "en-GB" : language);
  quick = known?.locales.includes(locale) ? known : null;
  formats.clear();
}

// Making one takes as long as using it a hundred times.
const formats = new Map<string, object>();
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return cached("n", options, () => new Intl.NumberFormat(locale, options));
}
function timeFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached("d", options, () => new Intl.DateTimeFormat(locale, { calendar: "gregory", ...options }));
}
export function cached<F extends object>(kind: string, options: object, make: () => F): F {
  const key = kind + JSON.stringify(options);
  const there = formats.get(key) as F | undefined;
  const format = there ?? make();
  if (!there) formats.set(key, format);
  return format;
}

export const currentLocale = (): string => locale;
export function number(n: number, digits = 0): string {
  if (quick && Number.isSafeInteger(n)) return String(n).replace(/\B(?=(\d{3})+$)/g, quick.group);
  return numberFormat({ maximumFractionDigits: digits }).format(n);
}
// "1,200,000" of 1,187,344.
export const about = (n: number): string => number(Number(n.toPrecision(2)));
export const compact = (n: number): string =>
  numberFormat({ notation: "compact", maximumFractionDigits: 1 }).format(n);
export function percent(part: number, digits = 0): string {
  if (quick && !digits) return number(Math.round(part * 100)) + quick.percent;
  return numberFormat({ style: "percent", maximumFractionDigits: digits }).format(part);
}
export const date = (ms: number): string => timeFormat({ dateStyle: "medium" }).format(ms);
export const time = (ms: number): string => timeFormat({ timeStyle: "short" }).format(ms);
export const dateTime = (ms: number): string =>
  timeFormat({ dateStyle: "medium", timeStyle: "short" }).format(ms);
export const list = (items: string[]): string =>
  cached("l", {}, () => new Intl.ListFormat(locale, { style: "short", type: "conjunction" })).format(items);

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86400e3],
  ["month", 30 * 86400e3],
  ["day", 86400e3],
  ["hour", 3600e3],
  ["minute", 60e3],
  ["second", 1e3],
];
// "3 minutes ago", "in 2 days".
export function ago(ms: number, from = Date.now()): string {
  const [unit, size] = steps.find(([, step]) => Math.abs(ms - from) >= step) ?? ["second", 1e3];
  const past = Math.trunc((from - ms) / size);
  const named = size >= 86400e3 ? 3 : 1; // what is less than that has a name: "yesterday", "now"
  if (quick && past >= named) return quick.ago(amount(past, unit));
  const style = cached("r", {}, () => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  return style.format(-past, unit);
}
// "5 minutes", with whole numbers.
function amount(n: number, unit: string): string {
  const [one, other] = quick?.spans[unit] ?? [];
  if (one && other) return plural(n, { one, other });
  return numberFormat({ style: "unit", unit, unitDisplay: "long" }).format(n);
}
// A span: "5 min", "2 h".
export function span(seconds: number): string {
  const [unit, size] = steps.find(([, step]) => seconds * 1e3 >= step * 1.5) ?? ["second", 1e3];
  return amount(Math.round((seconds * 1e3) / size), unit);
}
// As the node counts them: 1 kB is 1,024 bytes.
export function bytes(size: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = Math.min(units.length - 1, size < 1 ? 0 : Math.floor(Math.log2(size) / 10));
  const value = size / 1024 ** step;
  const options = { style: "unit", unit: units[step] as string, unitDisplay: "short" } as const;
  return numberFormat({ ...options, maximumFractionDigits: value < 10 && step ? 1 : 0 }).format(value);
}
// The name of a country or a language in this language.
export function nameOf(type: "region" | "language", code: string): string {
  const known = type === "language" && quick?.languages[code];
  if (known) return known;
  try {
    return cached("c", { type }, () => new Intl.DisplayNames(locale, { type })).of(code) ?? code;
  } catch {
    return code;
  }
}
