import { cell } from "./cell";
import { keep, kept } from "./keep";

export type Theme = "auto" | "light" | "dark";

const first = kept("theme");
export const theme = cell<Theme>(first === "light" || first === "dark" ? first : "auto");

export function setTheme(next: Theme): void {
  theme.set(next);
  keep("theme", next === "auto" ? null : next);
  show();
}

export function show(): void {
  const chosen = theme.get();
  if (chosen === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
}
