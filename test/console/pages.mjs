// Every page, in every language and theme, wide and narrow: no violation of WCAG 2.2 AA that axe-core finds, nothing that is wider
// than the window, nothing that a policy refused.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { api, expect, play, scene, settled, shoot, stage, told, until } from "./browser.mjs";
import { signIn } from "./people.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LANGUAGES = ["en", "fr", "ar"];
const THEMES = ["light", "dark"];
const FIT_MS = 10000;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

async function violations(page) {
  // Past the page's own policy, as an extension would be: the page itself cannot run it.
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id, worldName: "axe" });
  const run = expression =>
    session.send("Runtime.evaluate", { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
  await run(axe);
  const options = JSON.stringify({ runOnly: { type: "tag", values: TAGS }, resultTypes: ["violations"] });
  const { result, exceptionDetails } = await run(
    `axe.run(document, ${options}).then(found => found.violations.map(one => ({id: one.id, help: one.help, nodes: one.nodes.slice(0, 3).map(node => node.html.slice(0, 200) + " | " + node.failureSummary)})))`,
  );
  await session.detach();
  if (exceptionDetails) throw new Error(`axe: ${JSON.stringify(exceptionDetails).slice(0, 400)}`);
  return result.value;
}

async function look(page, path, language, theme, problems) {
  const where = `${path} ${language} ${theme}`;
  await page.goto(path);
  await settled(page);
  const { lang, dir } = await page.evaluate(() => ({ lang: document.documentElement.lang, dir: document.documentElement.dir }));
  if (lang !== language || dir !== (language === "ar" ? "rtl" : "ltr")) problems.push(`${where}: lang ${lang}, dir ${dir}`);
  for (const found of await violations(page)) problems.push(`${where}: ${found.id}: ${found.help}\n      ${found.nodes.join("\n      ")}`);
  for (const width of [360, 1280, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    // What is drawn follows the window a moment later.
    let over = 0;
    await until("it fits", async () => {
      over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      return over <= 1;
    }, FIT_MS).catch(() => problems.push(`${where}: ${over} px wider than a window of ${width}`));
    await shoot(page, `${path.replaceAll("/", "_")}-${language}-${theme}-${width}`, { fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

// A case of an appeal against what was blocked by itself.
async function contested() {
  await api("POST", "/v1/banks", { name: "blocked", mode: "block" });
  const signals = [{ type: "pdq", value: await stage("random_pdq") }];
  await api("POST", "/v1/banks/blocked/entries", { signals, class: "incitement" });
  const { decision } = await api("POST", "/v1/check", { signals, content_id: "post-3", language: "ar" });
  await api("POST", "/v1/appeals", { token: decision.appeal_token, text: "I reported on it." });
  return (await api("GET", "/v1/cases?kind=appeal")).cases[0].id;
}

async function furnish() {
  const entry = await stage("add", ["hills.jpg"]);
  await stage("upload", ["post-1", "hills.jpg"], { caption: "look at this", language: "ar" });
  await stage("upload", ["post-2", "hills.jpg"], { surface: "limited" });
  const { cases } = await api("GET", "/v1/cases?state=open");
  const about = await api("GET", `/v1/cases/${cases[0].id}`);
  const ground = { basis: "terms", article: "2.1", text: "It calls to join a group." };
  const who = (await stage("person", ["furnisher", "reviewer"])).name;
  const decide = {
    cluster: 1,
    actions: ["remove", "suspend"],
    ground,
    territory: ["FR", "TN"],
    duration_days: 30,
    version: about.version,
  };
  const { decision } = await stage("by", [who, "POST", `/v1/cases/${about.id}/decisions`, decide]);
  await stage("by", [who, "POST", `/v1/cases/${about.id}/notes`, { text: "Seen before." }]);
  const threat = { authority: "Police", contact: "17", told_ms: Date.now() - 60000, sent: "The address of the post." };
  await stage("by", [who, "POST", `/v1/cases/${about.id}/escalations`, threat]);
  const until_ms = Date.now() + 86400000;
  await api("POST", "/v1/exemptions", { uploader_ref: "desk", entry: about.entry, purpose: "journalism", until_ms });
  const appeal = await contested();
  const webhook = await api("POST", "/v1/webhooks", { url: "http://192.0.2.1/hook", events: ["*"] });
  return { entry: entry.results[0].entry, cases, decision: decision.id, appeal, webhook: webhook.id };
}

let furnished;

async function paths() {
  const { entry, cases, decision, appeal, webhook } = await (furnished ??= furnish());
  return [
    "/", "/queue", `/cases/${cases[0].id}`, `/cases/${appeal}`, "/decisions", `/decisions/${decision}`, "/appeals", "/exemptions", "/escalations", "/dashboard", "/banks",
    `/banks/${told.bank}`, "/entries", `/entries/${entry}`, "/find", "/account", "/users", "/keys", "/webhooks",
    `/webhooks/${webhook}`, "/settings", "/about", "/no/such/page",
  ];
}

for (const language of LANGUAGES) {
  for (const theme of THEMES) {
    scene(`pages are accessible to all in ${language}, ${theme}`, async ({ open }) => {
      const problems = [];
      const page = await open({ colorScheme: theme, locale: language, reducedMotion: "reduce" });
      for (const path of ["/sign-in", "/enrol"]) await look(page, path, language, theme, problems);
      const person = await stage("person", [`operator-${language}-${theme}`, "operator"], { language });
      const inside = await open({ colorScheme: theme, locale: "en", reducedMotion: "reduce" });
      await signIn(inside, person);
      for (const path of await paths()) await look(inside, path, language, theme, problems);
      expect(`no problem\n    ${problems.join("\n    ")}\n   `, problems.length === 0);
    });
  }
}
await play({ shared: true });
