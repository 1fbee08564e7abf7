import { ApiError, onSessionEnd, request, session } from "./api";
import { cell } from "./cell";
import { isLanguage, setLanguage, texts } from "./i18n";
import { kept } from "./keep";
import type { Session } from "./types";
import { toast } from "./ui/toast";

// Who is signed in. Signing in again on top of a page (again.tsx) keeps the page; another person cannot take it over.
export interface Again {
  name: string;
  done: () => void;
  give_up: () => void;
}
export const again = cell<Again | null>(null);

export function startSession(): void {
  onSessionEnd(
    () =>
      new Promise((resolve, reject) => {
        const end = (then: () => void) => () => {
          again.set(null);
          then();
        };
        again.set({
          name: session.get()?.user?.name ?? "",
          done: end(resolve),
          give_up: end(() => reject(new ApiError(401, "session_ended", "", ""))),
        });
      }),
  );
}

export async function signIn(name: string, passphrase: string, code: string): Promise<void> {
  await entered(await request<Session>("POST", "/v1/session", { name, passphrase, code }));
}

export async function entered(now: Session): Promise<void> {
  session.set(now);
  // What was chosen on this browser goes before what the account says.
  if (!kept("language") && isLanguage(now.user?.language)) await setLanguage(now.user.language, false);
}

export async function signOut(): Promise<void> {
  try {
    await request<void>("DELETE", "/v1/session");
  } catch (cause) {
    if (!(cause instanceof ApiError && cause.status === 401)) {
      toast(texts().shell.errors.offline, { kind: "wrong" });
      return;
    }
  }
  // A fresh page: nothing of one person stays in memory for the next, nor what they had half written in the tab.
  try {
    sessionStorage.clear();
  } catch {
    // It may be forbidden, and then holds nothing.
  }
  window.location.assign("/sign-in");
}
