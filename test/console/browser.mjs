// What the scripts of this folder share: Chromium, people who sign in, and the other half of the test (run.py), which is
// asked over standard output and answers over standard input.
//
//   scene("a reviewer signs in", async ({ page }) => { … });      its name is the sentence it proves
//   await play();
import { createHmac } from "node:crypto";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const told = JSON.parse(process.env.HILF_CONSOLE);
export const PATIENCE_MS = 30000; // for what must come; nothing is asserted of how long it took
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

// A code that was not used yet: there is a new one each half minute, and three are good at any time.
export async function codeOf(person) {
  for (;;) {
    const now = Math.floor(Date.now() / 30000);
    const next = Math.max((person.used ?? 0) + 1, now - 1);
    if (next <= now + 1) {
      person.used = next;
      return totp(person.secret, next);
    }
    await new Promise(resolve => setTimeout(resolve, 500));
  }
}

// ------------------------------------------------------------------------------------------------ the browser

export async function launch() {
  return chromium.launch({
    executablePath: told.chromium,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

// A page of a browser of its own. What the console says in anger, or a policy refuses, is kept in page.wrong.
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ baseURL: told.url, viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.wrong = [];
  page.on("pageerror", error => page.wrong.push(String(error)));
  page.on("console", message => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) page.wrong.push(message.text());
  });
  return page;
}

export async function play() {
  const browser = await launch();
  const chosen = scenes.filter(({ name }) => told.cases.length === 0 || told.cases.some(part => name.includes(part)));
  let failed = 0;
  for (const { name, run } of chosen) {
    const pages = [];
    const open = async options => {
      const page = await newPage(browser, options);
      pages.push(page);
      return page;
    };
    try {
      await run({ browser, open });
      for (const page of pages) expect("nothing goes wrong in the page", page.wrong.length === 0, page.wrong);
      console.log(`ok ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}\n  ${String(error.stack ?? error).split("\n").join("\n  ")}`);
      for (const [i, page] of pages.entries()) await shoot(page, `failed-${failed}-${i}`);
    }
    for (const page of pages) await page.context().close();
  }
  await browser.close();
  console.log(`${chosen.length - failed} of ${chosen.length} scenes`);
  process.exit(failed || !chosen.length ? 1 : 0);
}

// A picture of the page, where somebody asked for pictures (HILF_SHOTS names the folder).
export async function shoot(page, name, options = {}) {
  if (told.shots) await page.screenshot({ path: `${told.shots}/${name}.png`, ...options }).catch(() => {});
}
