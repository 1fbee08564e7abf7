// What this browser remembers for the person: theme, language, whether single keys act. Never anything of a case. They are
// cookies, so that the server can name the right texts with the page, and since a page's first look into its storage waits
// several times as long.
const YEAR_S = 365 * 86_400;

function read(): Map<string, string> {
  try {
    return new Map(document.cookie.split("; ").map(one => one.split("=", 2) as [string, string]));
  } catch {
    return new Map(); // it may be forbidden, and then what is chosen holds until the page is closed
  }
}
const jar = read();

export const kept = (name: string): string | null => jar.get("hilf_" + name) || null;

export function keep(name: string, value: string | null): void {
  jar.set("hilf_" + name, value ?? "");
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age_s = value === null ? 0 : YEAR_S;
  try {
    document.cookie = `hilf_${name}=${value ?? ""}; Path=/; SameSite=Strict; Max-Age=${age_s}${secure}`;
  } catch {
    /* as above */
  }
}
