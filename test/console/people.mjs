// How people of the tests come in. A page, or a dialog on one.
import { codeOf } from "./browser.mjs";

// path null: the form is there already.
export async function signIn(page, person, path = "/sign-in") {
  if (path) await page.goto(path);
  const name = page.getByLabel("Name");
  if (await name.isEditable().catch(() => false)) await name.fill(person.name);
  await page.getByLabel("Passphrase").fill(person.passphrase);
  await page.getByLabel("Code").fill(await codeOf(person));
  await page.getByRole("button", { name: "Sign in" }).click();
  if (path) await page.waitForURL(url => !url.pathname.startsWith("/sign-in"));
}

export async function enrol(page, person) {
  await page.goto(`/enrol#${person.invitation}`);
  await page.getByText("1. Your authenticator app").waitFor();
  person.secret = (await page.locator(".enrol-app code, .enrol-app .mono").first().innerText()).replace(/\s/g, "");
  for (const field of await page.locator("input[type=password]").all()) await field.fill(person.passphrase);
  await page.getByLabel("Code").fill(await codeOf(person));
  await page.getByRole("button", { name: "Take the account" }).click();
}
