// How people of the tests sign in.
import { codeOf } from "./browser.mjs";

export async function signIn(page, person, path = "/sign-in") {
  await page.goto(path);
  await page.getByLabel("Name").fill(person.name);
  await page.getByLabel("Passphrase").fill(person.passphrase);
  await page.getByLabel("Code").fill(await codeOf(person));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(url => !url.pathname.startsWith("/sign-in"));
}
