// A browser's first use of Intl (but for PluralRules) takes some 14 ms, because it looks through all the locales that it
// knows: a tenth of what one waits for the first page. So the commonest of what is said there is made by hand where that is
// surely the same; everything else, and every other locale, is Intl's.
export interface Quick {
  locales: string[];
  group: string; // between thousands
  percent: string;
  spans: Record<string, [one: string, other: string]>;
  ago: (span: string) => string;
  languages: Record<string, string>;
}
