// What is known, and what people keep in order beside their cases: copies to compare with, files that are asked about,
// exemptions, threats to life, settings, and what somebody would rather not see.
import { api, expect, play, said, scene, stage, told, until } from "./browser.mjs";
import { signIn } from "./people.mjs";

let people = 0;

async function desk(open, role, path, options) {
  const page = await open(options);
  await signIn(page, await stage("person", [`${role}-k${++people}`, role]));
  await page.goto(path);
  return page;
}

const day = days => new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);
const vault = on => api("PUT", "/v1/settings/desk/vault", { value: on ? 1 : 0 });

// An entry that came without a copy, as those of other members do.
async function bare(picture) {
  await vault(false);
  const { results } = await stage("add", [picture]);
  await vault(true);
  return api("GET", `/v1/entries/${results[0].entry}`);
}

scene("who has a copy of their own adds it, and can then confirm", async ({ open }) => {
  const entry = await bare("crowd.jpg");
  await stage("upload", ["crowd-1", "crowd.jpg"]);
  const { cases } = await api("GET", "/v1/cases?state=open&limit=200");
  const of = cases.find(one => one.entry === entry.gid);
  const page = await desk(open, "operator", `/cases/${of.id}`);
  await page.getByText("No copy of this entry is kept here").first().waitFor();
  await page.getByText("Territory, duration, entry, withholding").click();
  expect("nobody can confirm", await page.getByLabel("Confirm: I saw its copy").isDisabled());
  await page.goto(`/entries/${entry.entry}`);
  const field = page.getByLabel("Keep a copy to compare with");
  await field.setInputFiles(await stage("picture", ["skyline.jpg"]));
  await page.locator("main [role=alert]").first().waitFor(); // it is another picture
  expect("nothing is kept of it", !(await api("GET", `/v1/entries/${entry.entry}/copy`)).kept);
  await field.setInputFiles(await stage("picture", ["crowd.jpg"]));
  await said(page, "A copy is kept now");
  await page.goto(`/cases/${of.id}`);
  await page.getByText("Territory, duration, entry, withholding").click();
  await page.getByRole("button", { name: "Uncover", exact: true }).last().click();
  await until("it can be confirmed", async () => page.getByLabel("Confirm: I saw its copy").isEnabled());
});

scene("what do we know of this file? is asked, and leaves no trace", async ({ open }) => {
  await stage("add", ["emblem.jpg"]);
  const before = (await api("GET", "/v1/cases?state=all")).cases.length;
  const page = await desk(open, "reviewer", "/find");
  const file = page.locator("main input[type=file]");
  await file.setInputFiles(await stage("picture", ["emblem.jpg"]));
  await page.getByText("It is known: one entry.").waitFor();
  await file.setInputFiles(await stage("picture", ["placard.jpg"]));
  await page.getByText("Nothing known resembles it.").waitFor();
  await page.getByText("It clears nothing.").waitFor();
  expect("no case is opened", (await api("GET", "/v1/cases?state=all")).cases.length === before);
});

scene("an exemption is given for one item, and ended", async ({ open }) => {
  const entry = (await stage("add", ["banner.jpg"])).results[0].entry;
  const page = await desk(open, "reviewer", "/exemptions");
  await page.getByRole("button", { name: "Add an exemption" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await dialog.getByText("Say for whom.").waitFor();
  await dialog.getByRole("textbox", { name: "Uploader reference" }).fill("<b>desk</b>");
  await dialog.getByLabel("Entry").fill(String(entry));
  await dialog.getByLabel("Until").fill(day(30));
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("<b>desk</b>").first().waitFor();
  const check = await stage("upload", ["banner-1", "banner.jpg"], { uploader_ref: "<b>desk</b>" });
  expect("it raises no verdict", check.verdict === "no_match" && check.matches[0].exempt, check);
  await page.getByRole("button", { name: "End", exact: true }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "End", exact: true }).click();
  await said(page, "The exemption has ended.");
  const after = await stage("upload", ["banner-2", "banner.jpg"], { uploader_ref: "<b>desk</b>" });
  expect("and then it counts again", after.verdict === "review", after);
});

scene("a threat to life is written down, and counts when another person says so", async ({ open }) => {
  await stage("ask", ["POST", "/v1/reports", { content_id: "threat-1", category: "threat" }]);
  const { cases } = await api("GET", "/v1/cases?kind=report&state=open");
  const first = await desk(open, "reviewer", `/cases/${cases[0].id}`);
  await first.getByRole("button", { name: "Threat to life…" }).click();
  const dialog = first.getByRole("dialog");
  await dialog.getByLabel("Authority told").fill("Police");
  await dialog.getByLabel("Whom, and how").fill("17, by telephone");
  await dialog.getByLabel("What was sent").fill("The address of the post.");
  await dialog.getByRole("button", { name: "Write it down" }).click();
  await first.getByText("another person has to confirm it").first().waitFor();
  const other = await desk(open, "reviewer", "/escalations");
  await other.getByRole("button", { name: "Confirm that it was told" }).click();
  await until("it is done", async () => (await api("GET", "/v1/escalations")).escalations[0].state === "done");
});

scene("a setting keeps to its bounds", async ({ open }) => {
  const page = await desk(open, "operator", "/settings");
  const field = page.getByLabel("Time to undo a decision");
  const { desk: before } = await api("GET", "/v1/settings");
  const of = before.find(one => one.name === "undo_seconds");
  await field.fill("61");
  await field.press("Enter");
  await until("it says what is wrong", async () => (await field.getAttribute("aria-invalid")) === "true");
  await field.fill("20");
  await field.press("Enter");
  await until("it holds", async () => (await api("GET", "/v1/settings")).desk.find(one => one.name === "undo_seconds").value === 20);
  await api("PUT", "/v1/settings/desk/undo_seconds", { value: of.value });
});

scene("what somebody declines is passed over, and nobody asks why", async ({ open }) => {
  const page = await desk(open, "reviewer", "/account");
  const section = page.locator("main section", { hasText: "What you would rather not see" });
  await section.getByRole("checkbox").first().waitFor();
  for (const box of await section.getByRole("checkbox").all()) await box.click(); // faster than one is saved
  await until("all are declined", async () => (await page.evaluate(() => fetch("/v1/me").then(a => a.json()))).declined.length > 5);
  await said(page, "Saved");
  await page.goto("/queue");
  await page.getByText("You declined:").waitFor();
});

scene("a bank says what another threshold would have done, and the dashboard draws", async ({ open }) => {
  const page = await desk(open, "operator", `/banks/${told.bank}`);
  await page.getByText("What this would have done last week").waitFor();
  await stage("upload", ["counted", "hills.jpg"]);
  await page.goto("/dashboard");
  await page.getByRole("heading", { name: "Precision by source" }).waitFor();
  await until("charts are drawn", async () => {
    await page.getByRole("button", { name: "Refresh" }).click();
    return page.locator("main canvas").first().isVisible();
  });
  await until("the keys are listed", async () => {
    await page.keyboard.press("?");
    return page.getByRole("dialog").getByText("Everywhere").first().isVisible();
  });
});

scene("banks, keys, people and webhooks are made in dialogs, and what is refused stays there to be mended", async ({ open }) => {
  const page = await desk(open, "operator", "/banks");
  const dialog = page.getByRole("dialog");
  const begin = async (path, name) => {
    await page.goto(path);
    await page.getByRole("button", { name, exact: true }).click();
    await dialog.waitFor();
  };
  const field = name => dialog.getByRole("textbox", { name });
  await begin("/banks", "New bank");
  await field("Name").fill(told.bank);
  await dialog.getByRole("button", { name: "Create the bank" }).click();
  await dialog.getByRole("alert").waitFor(); // it is there already
  await field("Name").fill("made-in-a-dialog");
  await field("Name").press("Enter");
  await page.waitForURL("**/banks/made-in-a-dialog");
  await page.locator("main [aria-haspopup=menu]").last().click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  expect("it has another name first", await dialog.getByRole("button", { name: "Rename" }).isDisabled());
  await begin("/keys", "Make a key");
  await field("Name").fill("made in a dialog");
  await dialog.getByRole("button", { name: "Make a key" }).click();
  await dialog.getByText("The new key").waitFor();
  await begin("/users", "Invite somebody");
  await field("Name").fill("somebody new");
  await dialog.getByRole("button", { name: "Make the invitation" }).click();
  await dialog.getByText("somebody new").waitFor();
  await begin("/webhooks", "Add a webhook");
  await dialog.getByLabel("These alone").click();
  expect("it has an event first", await dialog.getByRole("button", { name: "Add a webhook" }).isDisabled());
  await dialog.getByLabel("All events").click();
  await field("Address").fill("https://hooks.example/made");
  await dialog.getByRole("button", { name: "Add a webhook" }).click();
  await until("it is there", async () => (await api("GET", "/v1/webhooks")).webhooks.some(one => one.url.endsWith("/made")));
});

await play();
