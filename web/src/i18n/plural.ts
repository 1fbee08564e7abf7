import { cached, currentLocale, number } from "./index";

export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

// plural(3, {one: "# case", other: "# cases"}) is "3 cases": "#" is the number in the locale's digits.
export function plural(n: number, forms: Forms): string {
  const rule = cached("p", {}, () => new Intl.PluralRules(currentLocale())).select(n);
  return (forms[rule] ?? forms.other).replace("#", number(n));
}
