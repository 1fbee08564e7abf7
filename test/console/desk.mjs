// What people do at the desk, from the invitation to an appeal, and what goes wrong on the way.
import { api, expect, play, said, scene, settled, shoot, stage, told, until } from "./browser.mjs";
import { enrol, signIn } from "./people.mjs";

let people = 0;
let pictures = 0;

// Somebody who has an account, by a name of their own.
async function person(role = "reviewer", more = {}) {
  return stage("person", [`${role}-${++people}`, role], more);
}

// A known item, and the case that these uploads of it make. A case of its own for each scene: another hash each time.
async function caseOf(count = 1, more = {}) {
  const bank = more.bank ?? told.bank;
  const value = await stage("random_pdq");
  const { results } = await api("POST", `/v1/banks/${bank}/entries`, {
    signals: [{ type: "pdq", value }],
    class: "solicit-participation",
  });
  const first = `post-${++pictures}`;
  const contents = [];
  for (let i = 0; i < count; i++) {
    contents.push(`${first}.${i}`);
    const signals = [{ type: "pdq", value }];
    await api("POST", "/v1/check", { signals, content_id: contents[i], surface: "public", language: "fr", ...more.check });
  }
  const listed = await api("GET", "/v1/cases?state=open&limit=200");
  const gid = (await api("GET", `/v1/entries/${results[0].entry}`)).gid;
  const found = listed.cases.find(one => one.entry === gid);
  expect("there is a case of it", found, listed.cases.map(one => one.entry));
  return { id: found.id, entry: results[0].entry, gid, contents, value };
}

// A picture that is known, with a copy in the vault.
async function itemOf() {
  const { results } = await stage("add", ["hills.jpg"]);
  return api("GET", `/v1/entries/${results[0].entry}`);
}

async function desk(open, who, path, options) {
  const page = await open(options);
  await signIn(page, who);
  if (path) await page.goto(path);
  return page;
}

async function fill(page, action = "Remove", text = "It calls to join a group.") {
  await page.getByRole("button", { name: action, exact: false }).first().click();
  await page.getByLabel("Ground", { exact: true }).selectOption({ index: 1 });
  await page.getByLabel("Why, in plain words").fill(text);
}

async function decide(page, action, text) {
  await fill(page, action, text);
  await page.getByRole("button", { name: "Decide", exact: true }).click();
}

const decisionsOf = async id => (await api("GET", `/v1/cases/${id}`)).decisions;

// How long a decision can be taken back: as long as it can be where a scene does so, however slow the machine.
const undoFor = seconds => api("PUT", "/v1/settings/desk/undo_seconds", { value: seconds });

// Opens the list of keys, as soon as the page listens.
const helped = page =>
  until("the keys are listed", async () => {
    await page.keyboard.press("?");
    return page.getByRole("dialog").isVisible();
  });

const standing = id =>
  until("the decision stands", async () => (await decisionsOf(id)).find(one => one.state === "standing"));

// What the platform was told of a decision.
const made = decision =>
  until("the platform is told", async () => (await stage("delivered", ["decision.made"])).find(one => one.decision === decision));

// ------------------------------------------------------------------------------------------------ coming in

scene("an invitation leads to an account", async ({ open }) => {
  const page = await open();
  const who = await stage("person", ["invited", "reviewer", false]);
  await enrol(page, who);
  await page.waitForURL(url => !url.pathname.startsWith("/enrol"));
  await page.getByText("invited", { exact: true }).first().waitFor();
});

scene("a wrong passphrase is told from nothing else", async ({ open }) => {
  const page = await open();
  const who = await person();
  await page.goto("/sign-in");
  for (const name of [who.name, "nobody-of-that-name"]) {
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Passphrase").fill("not the passphrase");
    await page.getByLabel("Code").fill("123456");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("Name, passphrase or code is not right.").waitFor();
  }
});

scene("a reviewer finds no page that is for others", async ({ open }) => {
  const page = await desk(open, await person(), "/users");
  await page.getByText("Your role does not allow this.").waitFor();
  expect("and no way to it", (await page.getByRole("link", { name: "People" }).count()) === 0);
  const refused = await page.evaluate(() => fetch("/v1/users").then(answer => answer.status));
  expect("nor behind it", refused === 403, refused);
});

// ------------------------------------------------------------------------------------------------ deciding

scene("a case is decided, and can be undone for a moment", async ({ open }) => {
  const of = await caseOf(3);
  const page = await desk(open, await person(), `/cases/${of.id}`);
  await undoFor(60);
  await decide(page, "Remove");
  await page.getByRole("button", { name: "Undo" }).click();
  await said(page, "Decided for 3 uploads.");
  await said(page, "Undone. The case is open again.");
  await undoFor(1);
  expect("it is open", (await api("GET", `/v1/cases/${of.id}`)).state === "open");
  // What had been filled in is there again.
  await page.getByText("What you had typed before is here again.").waitFor();
  await page.getByRole("button", { name: "Decide", exact: true }).click();
  await until("it is decided again", async () => (await decisionsOf(of.id)).some(one => one.state !== "undone"));
  const decision = await standing(of.id);
  expect("what was decided", decision.actions.join() === "remove" && decision.upload_count === 3, decision);
  expect("and nobody is named", !JSON.stringify(decision).includes("reviewer-"), decision);
  const { contents } = await made(decision.id);
  expect("each content has a token of its own", new Set(contents.map(one => one.appeal_token)).size === 3, contents);
});

scene("a case is decided without a mouse", async ({ open }) => {
  const of = await caseOf();
  const page = await desk(open, await person(), `/cases/${of.id}`);
  await page.getByRole("heading", { name: "Decision" }).waitFor();
  const help = page.getByRole("dialog");
  await helped(page);
  await help.getByText("Go to the queue").waitFor();
  await help.getByText("Remove", { exact: true }).waitFor(); // its key is heard from now on
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  await page.keyboard.press("4");
  await page.locator('[aria-pressed="true"]', { hasText: "Remove" }).waitFor();
  await page.getByLabel("Ground", { exact: true }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.getByLabel("Why, in plain words").focus();
  await page.keyboard.type("It says to join, e and u and 5 do nothing here.");
  await page.keyboard.press("Control+Enter");
  await until("it is decided", async () => (await decisionsOf(of.id)).length === 1);
});

scene("two decide at once: one learns of it, and no word is lost", async ({ open }) => {
  const of = await caseOf();
  const [one, other] = [await person(), await person()];
  const first = await desk(open, one, `/cases/${of.id}`);
  const second = await desk(open, other, `/cases/${of.id}`);
  await fill(second, "Label", "My own words, which took me long.");
  await fill(first);
  await first.getByRole("button", { name: "Decide", exact: true }).click();
  await said(first, "Decided for 1 upload.");
  await second.getByRole("button", { name: "Decide", exact: true }).click();
  await second.getByText("Somebody was first.").waitFor();
  await second.getByText("My own words, which took me long.").first().waitFor();
  expect("one decision is there", (await decisionsOf(of.id)).filter(made => made.state !== "undone").length === 1);
});

scene("a session that ends in mid-sentence keeps the sentence", async ({ open }) => {
  const of = await caseOf();
  const who = await person();
  const page = await desk(open, who, `/cases/${of.id}`);
  await fill(page, "Remove", "This sentence was long in the making");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Decide", exact: true }).click();
  const again = page.getByRole("dialog");
  await again.getByText("Your session is over").waitFor();
  await signIn(again, who, null);
  await until("it was decided after all", async () => (await decisionsOf(of.id)).length === 1);
  const [decision] = await decisionsOf(of.id);
  expect("with that sentence", decision.ground.text === "This sentence was long in the making", decision);
});

scene("suspending an account waits for a second person", async ({ open }) => {
  const of = await caseOf();
  const first = await desk(open, await person(), `/cases/${of.id}`);
  await fill(first, "Suspend the account");
  await first.getByText("A second person has to agree").first().waitFor();
  await first.getByRole("button", { name: "Decide", exact: true }).click();
  await said(first, "Sent to a second person.");
  await first.goto(`/cases/${of.id}`);
  await first.getByText("You decided this. Another person has to agree").waitFor();
  const second = await desk(open, await person(), `/cases/${of.id}`);
  await second.getByRole("button", { name: "Agree", exact: true }).click();
  const decision = await standing(of.id);
  expect("two people stand for it", decision.second.agreed && decision.second.by !== decision.by, decision);
});

scene("a script in a text stays a text", async ({ open }) => {
  const nasty = `"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>{{7*7}}`;
  const of = await caseOf(1, { check: { caption: nasty, uploader_ref: nasty } });
  await api("POST", "/v1/reports", { content_id: `reported ${nasty}`, category: "other", text: nasty, surface: "public" });
  const page = await desk(open, await person(), `/cases/${of.id}`);
  await page.getByLabel("New note").fill(nasty);
  await page.getByRole("button", { name: "Add note" }).click();
  await until("the note is there", async () => (await api("GET", `/v1/cases/${of.id}`)).notes.length === 1);
  await decide(page, "Label", nasty);
  await until("it is decided", async () => (await decisionsOf(of.id)).length === 1);
  for (const path of [`/cases/${of.id}`, "/queue", "/decisions"]) {
    await page.goto(path);
    await settled(page);
    expect(`nothing ran at ${path}`, !(await page.evaluate(() => window.pwned)));
  }
});

// ------------------------------------------------------------------------------------------------ evidence

scene("a picture is covered until it is asked for", async ({ open }) => {
  const known = await itemOf();
  await stage("upload", ["seen-1", "hills.jpg"], { caption: "as it came", uploader_ref: "account-1" });
  const { cases } = await api("GET", "/v1/cases?state=open&limit=200");
  const of = cases.find(one => one.entry === known.gid);
  const who = await person();
  const page = await desk(open, who, `/cases/${of.id}`);
  await until("the picture is there", async () => (await stage("evidence_asked")).some(one => one.path === "/hills.jpg"));
  const [asked] = (await stage("evidence_asked")).filter(one => one.path === "/hills.jpg");
  expect("its host learns neither the page nor a cookie", !asked.referer && !asked.cookie, asked);
  await page.getByText("Covered").first().waitFor();
  await shoot(page, "covered");
  await page.locator(".evidence canvas").first().waitFor(); // it is drawn, and nothing moves any more
  const hold = page.getByRole("button", { name: "Hold to uncover" }).first();
  await hold.hover();
  await page.mouse.down();
  await page.getByText("Uncovered").first().waitFor();
  await shoot(page, "uncovered");
  await page.mouse.up();
  await until("it is covered again", async () => (await page.getByText("Uncovered", { exact: true }).count()) === 0);
  await decide(page, "Remove");
  await page.getByText("the next case waits until you ask for it").waitFor();
  await page.goto("/account");
  await page.getByText("1 time uncovered").first().waitFor();
});

scene("the entry is confirmed by who has looked at its copy, and by nobody else", async ({ open }) => {
  const known = await itemOf();
  await stage("upload", ["seen-2", "hills.jpg"], { caption: "another time" });
  const { cases } = await api("GET", "/v1/cases?state=open&limit=200");
  const of = cases.find(one => one.entry === known.gid);
  const page = await desk(open, await person(), `/cases/${of.id}`);
  await page.getByText("Territory, duration, entry, withholding").click();
  const confirm = page.getByLabel("Confirm: I saw its copy");
  expect("not before", await confirm.isDisabled());
  await page.getByRole("button", { name: "Uncover", exact: true }).last().click();
  await until("it can be confirmed now", async () => confirm.isEnabled());
  await confirm.check();
  await decide(page, "Remove");
  const decision = await standing(of.id);
  expect("it says so", decision.entry_opinion === "confirm", decision);
  const none = await caseOf();
  await page.goto(`/cases/${none.id}`);
  await page.getByText("No copy of this entry is kept here").first().waitFor();
});

scene("evidence that is gone, a page, elsewhere or never comes spoils nothing", async ({ open }) => {
  const page = await desk(open, await person());
  for (const path of ["gone.jpg", "page.html", "elsewhere.jpg"]) {
    const of = await caseOf(1, { check: { evidence_url: `${told.evidence}/${path}` } });
    await page.goto(`/cases/${of.id}`);
    await page.getByText("gave no picture").waitFor();
    expect("nothing ran", !(await page.evaluate(() => window.pwned)));
  }
  const of = await caseOf(1, { check: { evidence_url: `${told.evidence}/slow.jpg` } });
  await page.goto(`/cases/${of.id}`);
  await decide(page, "Remove");
  await until("it can be decided meanwhile", async () => (await decisionsOf(of.id)).length === 1);
  page.wrong = page.wrong.filter(text => !text.includes(told.evidence));
});

// ------------------------------------------------------------------------------------------------ afterwards

scene("an appeal goes to another person, and restores what was wrong", async ({ open }) => {
  const of = await caseOf(2);
  const [one, other] = [await person(), await person()];
  const first = await desk(open, one, `/cases/${of.id}`);
  await decide(first, "Remove");
  const decision = await standing(of.id);
  const { contents } = await made(decision.id);
  const public_ = await open();
  await public_.goto("/appeal");
  await public_.locator("[name=token]").fill(contents[0].appeal_token);
  await public_.locator("[name=text]").fill("I reported on it; I did not praise it.");
  await public_.locator("form button").first().click();
  await until("an appeal is there", async () => (await api("GET", "/v1/cases?kind=appeal")).cases.length > 0);
  const { cases } = await api("GET", "/v1/cases?kind=appeal&state=open");
  const appeal = cases.at(-1).id;
  await first.goto(`/cases/${appeal}`);
  await first.getByText("You decided this yourself.").first().waitFor();
  const second = await desk(open, other, `/cases/${appeal}`);
  await second.getByText("I reported on it; I did not praise it.").first().waitFor();
  await second.getByLabel("The appeal is right: restore the content").check();
  await second.getByLabel("Answer, in plain words").fill("You were right.");
  await second.getByRole("button", { name: "Decide the appeal" }).click();
  await said(second, "The content is restored.");
  const again = await stage("ask", ["POST", "/v1/appeals", { token: contents[0].appeal_token, text: "once more" }]);
  expect("a token is good once", again.status === 409, again);
  const foreign = await stage("ask", ["POST", "/v1/appeals", { token: "x".repeat(contents[0].appeal_token.length), text: "?" }]);
  expect("and no other is", foreign.status === 404, foreign);
});

scene("a dispute by a member is a case", async ({ open }) => {
  const of = await caseOf(2);
  await api("POST", `/v1/entries/${of.entry}/opinions`, { opinion: "dispute" });
  const { cases } = await api("GET", "/v1/cases?kind=dispute&state=open&limit=200");
  const dispute = cases.find(one => one.entry === of.gid);
  expect("with the uploads that rest on the entry", dispute?.upload_count === 2, cases);
  const page = await desk(open, await person(), "/queue");
  await page.getByLabel("Kind").selectOption("dispute");
  await page.locator(`main a[href="/cases/${dispute.id}"]`).first().click();
  await page.waitForURL(`**/cases/${dispute.id}`);
  await page.getByText("A member disputes the entry").first().waitFor();
});

scene("an entry that is withdrawn closes its case", async ({ open }) => {
  const of = await caseOf();
  const page = await desk(open, await person("operator"), `/cases/${of.id}`);
  await api("POST", `/v1/entries/${of.entry}/withdraw`, { reason: "error" });
  await page.goto(`/cases/${of.id}`);
  await page.getByText("the entry was withdrawn: it was a mistake.").waitFor();
  expect("nothing is left to decide", (await page.getByRole("button", { name: "Decide", exact: true }).count()) === 0);
});

scene("a key that is revoked at the console is void at once", async ({ open }) => {
  const page = await desk(open, await person("operator"), "/keys");
  const made = await api("POST", "/v1/keys", { name: "to be revoked", role: "checker" });
  await page.reload();
  const row = page.getByRole("row").filter({ hasText: "to be revoked" });
  await row.getByRole("button", { name: /revoke/i }).click();
  await page.getByRole("dialog").getByRole("button", { name: /revoke/i }).click();
  const status = await until("it is refused", async () => {
    const status = await page.evaluate(
      key => fetch("/v1/whoami", { headers: { Authorization: `Bearer ${key}` }, credentials: "omit" }).then(answer => answer.status),
      made.key,
    );
    return status === 401;
  });
  expect("it is", status);
});

// ------------------------------------------------------------------------------------------------ the rest

scene("a language is chosen, and stays", async ({ open }) => {
  const who = await person();
  const page = await desk(open, who, "/account");
  await page.getByLabel("Language").first().selectOption("ar");
  await page.waitForFunction(() => document.documentElement.dir === "rtl" && document.documentElement.lang === "ar");
  await page.goto("/queue");
  await page.getByRole("heading", { level: 1, name: "قائمة الانتظار" }).waitFor();
  const other = await open();
  await signIn(other, who, "/sign-in");
  await other.waitForFunction(() => document.documentElement.lang === "ar");
});

scene("a restart of the service is survived, session and sentence", async ({ open }) => {
  const of = await caseOf();
  const page = await desk(open, await person(), `/cases/${of.id}`);
  await fill(page, "Remove", "Written before the restart");
  await stage("restart");
  await page.getByRole("button", { name: "Decide", exact: true }).click();
  const decision = await until("it is decided", async () => (await decisionsOf(of.id))[0]);
  expect("with the sentence", decision.ground.text === "Written before the restart", decision);
  expect("and the case is told as decided", (await api("GET", `/v1/cases/${of.id}`)).state === "decided");
});

await play();
