import { render } from "preact";
import { refreshSession } from "./api";
import { App } from "./app";
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
preload(route.get().page);

async function start(): Promise<void> {
  const asked = refreshSession().catch(() => null); // where it cannot be had, the app says so and goes on trying
  await setLanguage(firstLanguage(), false);
  const now = await asked;
  if (!kept("language") && isLanguage(now?.user?.language)) await setLanguage(now.user.language, false);
  const root = document.getElementById("app");
  if (root) render(<App />, root);
}

void start();
