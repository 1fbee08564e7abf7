// What the scripts of this folder share: Chromium, people who sign in, and the other half of the test (run.py), which is
// asked over standard output and answers over standard input.
//
//   scene("a reviewer signs in", async ({ open }) => { … });      its name is the sentence it proves
//   await play();                                                  each on a node of its own
//   await play({ shared: true });                                  all on one
//
// Whatever is waited for is a condition, and has minutes: how fast a machine is decides nothing here.
import { createHmac } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const told = JSON.parse(process.env.HILF_CONSOLE);
export const PATIENCE_MS = 180000; // for what must come; nothing is asserted of how long it took
const PAUSE_MS = 100;
const LAUNCHES = 3;
const SKIPPED = 77;
const scenes = [];
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let turn = Promise.resolve();

// Calls a method of run.py's Stage with these arguments, and these by name.
export function stage(what, things = [], by = {}) {
  const asked = turn.then(async () => {
    process.stdout.write(`@${JSON.stringify({ what, with: things, by })}\n`);
    const answer = JSON.parse((await answers.next()).value);
    if (answer.error) throw new Error(`${what}: ${answer.error}`);
    return answer.value;
  });
  turn = asked.catch(() => {});
  return asked;
}

// A request with the operator's key.
export async function api(method, path, body = null) {
  const answer = await stage("ask", [method, path, body]);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
  return answer.json;
}

export function scene(name, run) {
  scenes.push({ name, run });
}

// What comes by itself in a moment: waited for, never assumed. It returns what look() gave.
export async function until(what, look, patience_ms = PATIENCE_MS) {
  for (const end = performance.now() + patience_ms; ; ) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`${what}: not in ${patience_ms / 1000} s`);
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
}

export function expect(what, condition, seen = "") {
  if (!condition) throw new Error(`${what}${seen === "" ? "" : `; seen: ${JSON.stringify(seen)}`}`);
}

// ------------------------------------------------------------------------------------------------ people

function base32(text) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = 0;
  let value = 0;
  const bytes = [];
  for (const letter of text) {
    value = ((value << 5) | letters.indexOf(letter)) & 0xffff;
    bits += 5;
    if (bits >= 8) bytes.push((value >>> (bits -= 8)) & 255);
  }
  return Buffer.from(bytes);
}

function totp(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", base32(secret)).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

// A code that was not used yet: there is a new one each half minute. Three are good at any time, of which the oldest may be
// none any more when it arrives: it is not used.
export async function codeOf(person) {
  const step = () => Math.floor(Date.now() / 30000);
  const next = Math.max((person.used ?? 0) + 1, step());
  await until("the next code", () => next <= step() + 1);
  person.used = next;
  return totp(person.secret, next);
}

// ------------------------------------------------------------------------------------------------ the browser

async function launch() {
  for (let tries = 1; ; tries++) {
    try {
      return await chromium.launch({
        executablePath: told.chromium,
        timeout: PATIENCE_MS,
        args: [
          "--no-sandbox",
          "--disable-gpu",
          "--disable-dev-shm-usage",
          "--disable-quic",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--no-first-run",
        ],
      });
    } catch (error) {
      if (tries < LAUNCHES) continue;
      console.log(String(error.stack ?? error));
      console.log(`SKIPPED: ${told.chromium} does not start on this machine`);
      process.exit(SKIPPED);
    }
  }
}

// What the console says for a few seconds is kept, so that whoever looks late hears of it all the same.
function keepSaid() {
  window.said = [];
  new MutationObserver(changes => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.matches?.(".toast")) window.said.push(node.textContent);
  }).observe(document, { childList: true, subtree: true });
}

// Waits until the page has said this in passing (a toast), since it was loaded.
export function said(page, text) {
  return until(`the page says "${text}"`, () => page.evaluate(text => window.said.some(one => one.includes(text)), text));
}

// Waits until what the page is made of is there, and nothing is on its way.
export async function settled(page) {
  await page.locator("main h1").first().waitFor();
  await page.waitForLoadState("networkidle");
  await until("the page is whole", async () => page.loading.size === 0 && (await page.locator(".skeleton").count()) === 0);
}

// A page of a browser of its own. What the console says in anger, or a policy refuses, is kept in page.wrong.
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ baseURL: told.url, viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(keepSaid);
  const page = await context.newPage();
  page.wrong = [];
  page.loading = new Set();
  page.on("request", request => page.loading.add(request));
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, request => page.loading.delete(request));
  page.on("pageerror", error => page.wrong.push(String(error)));
  page.on("console", message => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) page.wrong.push(message.text());
  });
  return page;
}

export async function play({ shared = false } = {}) {
  const browser = await launch();
  const chosen = scenes.filter(({ name }) => told.cases.length === 0 || told.cases.some(part => name.includes(part)));
  let failed = 0;
  for (const [at, { name, run }] of chosen.entries()) {
    const pages = [];
    const open = async options => {
      const page = await newPage(browser, options);
      pages.push(page);
      return page;
    };
    const began = performance.now();
    try {
      if (at > 0 && !shared) told.url = await stage("renew");
      await run({ browser, open });
      for (const page of pages) expect("nothing goes wrong in the page", page.wrong.length === 0, page.wrong);
      console.log(`ok: ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(`FAILED: ${name}\n  ${String(error.stack ?? error).split("\n").join("\n  ")}`);
      for (const [i, page] of pages.entries()) await tell(page, `${told.script}-${at + 1}-${i + 1}`);
    }
    for (const page of pages) await page.context().close().catch(() => {});
  }
  await browser.close().catch(() => {});
  console.log(`${chosen.length - failed} passed, ${failed} failed, 0 skipped`);
  process.exit(failed || !chosen.length ? 1 : 0);
}

// What was to be seen on a page when its scene failed.
async function tell(page, name) {
  const path = `${told.failures}/${name}.png`;
  mkdirSync(told.failures, { recursive: true });
  const shot = await page.screenshot({ path, fullPage: true, timeout: PATIENCE_MS }).then(() => path, error => `none: ${error.message}`);
  const text = await page.locator("body").innerText().catch(() => "");
  console.log(`  at ${page.url()}, picture: ${shot}`);
  if (page.wrong.length) console.log(`  it said in anger: ${JSON.stringify(page.wrong)}`);
  console.log(`    ${text.slice(0, 4000).replace(/\n+/g, "\n    ")}`);
}

// A picture of the page, where somebody asked for pictures (HILF_SHOTS names the folder).
export async function shoot(page, name, options = {}) {
  if (told.shots) await page.screenshot({ path: `${told.shots}/${name}.png`, ...options }).catch(() => {});
}
