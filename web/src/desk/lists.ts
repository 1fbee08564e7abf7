import type { Action, CaseKind, Purpose } from "../types";

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

// Grounds that are met every day; the article is law's own name and is not translated.
export const GROUNDS: { key: string; basis: "law" | "terms"; article: string; classes?: string[] }[] = [
  {
    key: "tco_a",
    basis: "law",
    article: "Regulation (EU) 2021/784, Article 2(7)(a)",
    classes: ["incitement"],
  },
  {
    key: "tco_b",
    basis: "law",
    article: "Regulation (EU) 2021/784, Article 2(7)(b)",
    classes: ["solicit-offence"],
  },
  {
    key: "tco_c",
    basis: "law",
    article: "Regulation (EU) 2021/784, Article 2(7)(c)",
    classes: ["solicit-participation"],
  },
  {
    key: "tco_d",
    basis: "law",
    article: "Regulation (EU) 2021/784, Article 2(7)(d)",
    classes: ["instruction"],
  },
  { key: "tco_e", basis: "law", article: "Regulation (EU) 2021/784, Article 2(7)(e)", classes: ["threat"] },
  { key: "tco_order", basis: "law", article: "Regulation (EU) 2021/784, Article 3" },
  { key: "dsa_notice", basis: "law", article: "Regulation (EU) 2022/2065, Article 16" },
  { key: "dsa_order", basis: "law", article: "Regulation (EU) 2022/2065, Article 9" },
  { key: "terms", basis: "terms", article: "" },
];
