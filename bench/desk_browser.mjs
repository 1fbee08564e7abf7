// The console as a person meets it: Debian's Chromium, one page at a time, on the service that desk_bench.py started, which
// reads what is printed here as one line of JSON. Times are the page's own clock: from the navigation, or from the click, to
// the frame in which what was waited for has been painted: they have all of the browser's own part in them, of which
// `floor` says what it is for one line of text from the same service, with no script.
import { createRequire } from "node:module";

const told = JSON.parse(process.env.HILF_DESK);
const { chromium } = createRequire(`${told.modules}/`)("playwright-core");
const ROUNDS = 9;
const QUEUE = ".queue tbody tr";
const UPLOADS = ".uploads tbody tr";
const LINE = "body";

const median = numbers => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

// In the page, before anything of it runs: when a selector's first element has been painted.
function watch() {
  window.hilfSeen = (selector, text = "") =>
    new Promise(resolve => {
      const look = () => {
        const found = [...document.querySelectorAll(selector)].some(one => one.textContent.includes(text));
        if (!found) return void requestAnimationFrame(look);
        // Within a frame's callback: the message comes when that frame has been painted.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(0);
      };
      requestAnimationFrame(look);
    });
}

const browser = await chromium.launch({
  executablePath: told.chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});

async function open() {
  const context = await browser.newContext({ baseURL: told.url, locale: "en", viewport: { width: 1280, height: 900 } });
  await context.addInitScript(watch);
  const page = await context.newPage();
  // One's tab is there before one goes anywhere with it: making it is none of the console's.
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestIdleCallback(done))));
  page.on("pageerror", error => {
    throw error;
  });
  return page;
}

async function view(page, path, selector) {
  await page.goto(path, { waitUntil: "commit" });
  return page.evaluate(what => window.hilfSeen(what), selector);
}

// Cold: a browser that has nothing of the console. Warm: it was here before. The views take turns, so that what else the
// machine does meanwhile falls on all of them.
async function views(wanted) {
  const took = wanted.map(() => ({ cold: [], warm: [] }));
  for (let i = 0; i < ROUNDS; i++) {
    for (const [at, [path, selector]] of wanted.entries()) {
      const page = await open();
      took[at].cold.push(await view(page, path, selector));
      await page.waitForLoadState("networkidle");
      await page.goto("about:blank");
      took[at].warm.push(await view(page, path, selector));
      await page.context().close();
    }
  }
  return took.map(({ cold, warm }) => ({ cold: median(cold), warm: median(warm) }));
}

// From the click to the toast that says so, and of that what passed until the server's answer was there.
async function decide(page, id) {
  await page.goto(`/cases/${id}`);
  await page.getByRole("button", { name: "Remove" }).first().click();
  await page.getByLabel("Ground", { exact: true }).selectOption({ index: 1 });
  await page.getByLabel("Why, in plain words").fill("It calls to join a group.");
  await page.waitForLoadState("networkidle");
  const button = await page.getByRole("button", { name: "Decide", exact: true }).elementHandle();
  return page.evaluate(async button => {
    const began = performance.now();
    button.click();
    const said = await window.hilfSeen(".toast", "Decided");
    const [asked] = performance.getEntriesByType("resource").filter(one => one.name.endsWith("/decisions"));
    return { all: said - began, server: asked.responseEnd - asked.requestStart };
  }, button);
}

async function decisions(ids) {
  const page = await open();
  const took = [];
  for (const id of ids) took.push(await decide(page, id));
  await page.context().close();
  return { all: median(took.map(one => one.all)), server: median(took.map(one => one.server)) };
}

// The bytes of script that a browser with nothing of the console is sent on its way through these pages.
async function script(paths, last = async () => {}) {
  const page = await open();
  const sent = new Map();
  for (const path of paths) {
    await page.goto(path, { waitUntil: "networkidle" });
    if (path === paths.at(-1)) await last(page);
    const files = await page.evaluate(() =>
      performance.getEntriesByType("resource").filter(one => one.name.endsWith(".js")).map(one => [one.name, one.encodedBodySize]),
    );
    for (const [name, size] of files) sent.set(name, size);
  }
  await page.context().close();
  return [...sent.values()].reduce((sum, size) => sum + size, 0);
}

const [floor, queue, large] = await views([
  ["/healthz", LINE],
  ["/queue", QUEUE],
  [`/cases/${told.large}`, UPLOADS],
]);
const decided = await decisions(told.cases.slice(0, ROUNDS));
const desk = ["/sign-in", "/queue", `/cases/${told.cases[ROUNDS]}`];
const worked = await script(desk, page => decide(page, told.cases[ROUNDS]));
const everything = await script([...told.paths, `/cases/${told.large}`]);
await browser.close();
console.log(JSON.stringify({ floor, queue, large, decided, worked, everything }));
