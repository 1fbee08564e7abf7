import type { Action, CaseKind, Language, Purpose } from "../types";

// The closed lists, in the order in which they are offered. Actions stand on the keys 1 to 7.
export const KINDS: CaseKind[] = ["match", "report", "dispute", "sample", "appeal"];
export const STATES = ["open", "mine", "second", "decided", "closed"] as const;
export const ACTIONS: Action[] = ["none", "label", "restrict", "remove", "suspend", "refer", "preserve"];
export const PURPOSES: Purpose[] = ["journalism", "research", "refutation", "art"];
export const CLASSES = [
  "unclassified",
  "incitement",
  "solicit-offence",
  "solicit-participation",
  "instruction",
  "threat",
  "perpetrator",
  "publication",
] as const;

// A second person always looks before an account is suspended or an authority told.
export const SECOND_ALWAYS: readonly Action[] = ["suspend", "refer"];

export const DAY_MS = 86_400_000;
export const WITHHOLD_DAYS_MAX = 42;
export const EXEMPTION_DAYS_MAX = 366;
export const TEXT_MAX = 2_000;
export const ARTICLE_MAX = 200;

// ISO 3166 alpha-2 of the European Union's members, for the preset of the territory.
export const EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(
  " ",
);

// Grounds that are met every day, with the law's own way of being quoted in each language of a statement.
export interface GroundPreset {
  key: string;
  basis: "law" | "terms";
  article: Record<Language, string> | null; // null: it is typed
  classes?: string[];
}

const point = (letter: string, arabic: string): Record<Language, string> => ({
  en: `Regulation (EU) 2021/784, Article 2(7)(${letter})`,
  fr: `Règlement (UE) 2021/784, article 2, point 7) ${letter})`,
  ar: `اللائحة (الاتحاد الأوروبي) 2021/784، المادة 2(7)(${arabic})`,
});
const article = (regulation: string, number: string): Record<Language, string> => ({
  en: `Regulation (EU) ${regulation}, Article ${number}`,
  fr: `Règlement (UE) ${regulation}, article ${number}`,
  ar: `اللائحة (الاتحاد الأوروبي) ${regulation}، المادة ${number}`,
});

export const GROUNDS: GroundPreset[] = [
  { key: "tco_a", basis: "law", article: point("a", "أ"), classes: ["incitement", "publication"] },
  { key: "tco_b", basis: "law", article: point("b", "ب"), classes: ["solicit-offence"] },
  { key: "tco_c", basis: "law", article: point("c", "ج"), classes: ["solicit-participation"] },
  { key: "tco_d", basis: "law", article: point("d", "د"), classes: ["instruction"] },
  { key: "tco_e", basis: "law", article: point("e", "هـ"), classes: ["threat"] },
  { key: "tco_order", basis: "law", article: article("2021/784", "3") },
  { key: "dsa_notice", basis: "law", article: article("2022/2065", "16") },
  { key: "dsa_order", basis: "law", article: article("2022/2065", "9") },
  { key: "terms", basis: "terms", article: null },
];
