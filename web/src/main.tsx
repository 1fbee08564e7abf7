import { render } from "preact";
import { askEarly, forgetEarly, refreshSession } from "./api";
import { App } from "./app";
import { firstOf } from "./first";
import { firstLanguage, isLanguage, setLanguage } from "./i18n";
import { kept } from "./keep";
import { preload } from "./pages";
import { route, startRouter } from "./router";
import { startSession } from "./session";
import { show } from "./theme";
import { startKeys } from "./ui/keys";

show();
startRouter();
startKeys();
startSession();

const EARLY_MS = 300;

// Everything that the first page needs is asked for at once; what is slow does not keep the frame from being there.
function firstPage(): Promise<unknown> {
  const path = firstOf(route.get());
  const late = new Promise(resolve => setTimeout(resolve, EARLY_MS));
  const there = [preload(route.get().page).catch(() => null), path && askEarly(path)];
  return Promise.race([late, Promise.all(there)]);
}

async function start(): Promise<void> {
  const page = firstPage();
  const asked = refreshSession().catch(() => null); // where it cannot be had, the app says so and goes on trying
  await setLanguage(firstLanguage(), false);
  const now = await asked;
  if (!kept("language") && isLanguage(now?.user?.language)) await setLanguage(now.user.language, false);
  await page;
  const root = document.getElementById("app");
  if (root) render(<App />, root);
  forgetEarly();
}

void start();
