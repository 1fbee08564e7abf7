import { cell, useCell } from "../cell";
import { keep, kept } from "../keep";
import type { Language } from "../types";
import type { Texts } from "./en";

// Texts come one language at a time; English has the shape, and a key that another language lacks does not compile. A text
// with something in it is a function. Plural forms are the language's own (see forms in plural.ts).
export type { Texts };
export const languages: Record<Language, string> = { en: "English", fr: "Français", ar: "العربية" };

const load: Record<Language, () => Promise<{ default: Texts }>> = {
  en: () => import("./en"),
  fr: () => import("./fr"),
  ar: () => import("./ar"),
};

interface Now {
  language: Language;
  texts: Texts;
}
const now = cell<Now | null>(null);

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
  if (remember) keep("language", language);
  const { default: texts } = await load[language]();
  setLocale(language);
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  now.set({ language, texts });
}

// In components; the shell renders nothing before the texts are there.
export function useTexts(): Texts {
  return (useCell(now) as Now).texts;
}
export function useLanguage(): Language {
  return (useCell(now) as Now).language;
}
// Elsewhere: in what is called long after the start.
export const texts = (): Texts => (now.get() as Now).texts;

// ------------------------------------------------------------------------------------ numbers and times

// The region is the browser's where it has one for this language, since digits and dates go by it.
let locale = "en-GB";
function setLocale(language: Language): void {
  const regional = navigator.languages.find(tag => tag.startsWith(language + "-"));
  locale = regional ?? (language === "en" ? "en-GB" : language);
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
export const number = (n: number, digits = 0): string =>
  numberFormat({ maximumFractionDigits: digits }).format(n);
export const compact = (n: number): string =>
  numberFormat({ notation: "compact", maximumFractionDigits: 1 }).format(n);
export const percent = (part: number, digits = 0): string =>
  numberFormat({ style: "percent", maximumFractionDigits: digits }).format(part);
export const date = (ms: number): string => timeFormat({ dateStyle: "medium" }).format(ms);
export const time = (ms: number): string => timeFormat({ timeStyle: "short" }).format(ms);
export const dateTime = (ms: number): string =>
  timeFormat({ dateStyle: "medium", timeStyle: "short" }).format(ms);
export const list = (items: string[]): string =>
  cached(
    "l",
    {},
    () => new Intl.ListFormat(locale, { style: "short", type: "conjunction" }),
  ).format(items);

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
  const style = cached("r", {}, () => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  return style.format(Math.trunc((ms - from) / size), unit);
}
// A span: "5 min", "2 h".
export function span(seconds: number): string {
  const [unit, size] = steps.find(([, step]) => seconds * 1e3 >= step * 1.5) ?? ["second", 1e3];
  return numberFormat({ style: "unit", unit: unit as string, unitDisplay: "long" }).format(
    Math.round((seconds * 1e3) / size),
  );
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
  try {
    return cached("c", { type }, () => new Intl.DisplayNames(locale, { type })).of(code) ?? code;
  } catch {
    return code;
  }
}
