// What this browser remembers for the person: theme, language, whether single keys act. Never anything of a case.
export function kept(name: string): string | null {
  try {
    return localStorage.getItem("hilf." + name);
  } catch {
    return null; // storage may be forbidden
  }
}

export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem("hilf." + name);
    else localStorage.setItem("hilf." + name, value);
  } catch {
    /* then it holds until the page is closed */
  }
}
