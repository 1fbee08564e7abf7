import { render } from "preact";
import { askEarly, forgetEarly, refreshSession, session } from "./api";
import { App } from "./app";
import { firstOf } from "./first";
import { firstLanguage, isLanguage, setLanguage } from "./i18n";
import { kept } from "./keep";
import { homeOf, roleOf } from "./may";
import { preload } from "./pages";
import { navigate, route, startRouter } from "./router";
import { startSession } from "./session";
import { show } from "./theme";
import type { Session } from "./types";
import { startKeys } from "./ui/keys";

show();
startRouter();
startKeys();
startSession();

const EARLY_MS = 300;

function soon(there: unknown[]): Promise<unknown> {
  const late = new Promise(resolve => setTimeout(resolve, EARLY_MS));
  return Promise.race([late, Promise.all(there).catch(() => null)]);
}

// Everything that the first page needs is asked for at once; what is slow does not keep the frame from being there.
function firstPage(): Promise<unknown> {
  const path = firstOf(route.get());
  return soon([preload(route.get().page), path && askEarly(path)]);
}

async function firstSession(): Promise<void> {
  const now = await askEarly<Session>("/v1/session");
  if (now) session.set(now);
  else await refreshSession().catch(() => null); // where it cannot be had, the app says so and goes on trying
}

async function start(): Promise<void> {
  const page = firstPage();
  const asked = firstSession();
  await setLanguage(firstLanguage(), false);
  await asked;
  const own = session.get()?.user?.language;
  if (!kept("language") && isLanguage(own)) await setLanguage(own, false);
  const role = roleOf(session.get());
  await page;
  if (role && route.get().page === "home") {
    navigate(homeOf(role), { replace: true });
    await soon([preload(route.get().page)]);
  }
  const root = document.getElementById("app");
  if (root) render(<App />, root);
  forgetEarly();
}

void start();
