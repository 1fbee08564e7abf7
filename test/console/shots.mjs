// The pictures of docs/images, from the real console with drawn landscapes: quality 80, and no larger than they need be.
//
//   HILF_BUILD=build HILF_SHOTS=docs/images test/console/run.py build/hilf test/api shots.mjs
import { writeFileSync } from "node:fs";
import { api, play, scene, stage, told } from "./browser.mjs";
import { signIn } from "./people.mjs";

const CAPTIONS = [
  ["Come and join us on Friday", "en", "public"],
  ["انضموا إلينا يوم الجمعة", "ar", "public"],
  ["Rejoignez-nous vendredi", "fr", "limited"],
];

const furnished = (async () => {
  const { results } = await stage("add", ["hills.jpg"]);
  for (const [i, [caption, language, surface]] of CAPTIONS.entries())
    for (let n = 0; n <= i; n++)
      await stage("upload", [`post-${i}${n}`, "hills.jpg"], { caption, language, surface, reach: 1200 * (i + 1), uploader_ref: `account-${n}` });
  for (const [i, kind] of ["threat", "publication", "incitement", "instruction", "perpetrator"].entries())
    await api("POST", "/v1/reports", { content_id: `post-9${i}`, category: kind, surface: "public", language: "fr", reach: 40 * i });
  const { cases } = await api("GET", "/v1/cases?state=open");
  return { entry: results[0].entry, id: cases.find(one => one.kind === "match").id };
})();

async function take(open, name, { language = "en", theme = "light", width = 1280, height = 800, path, prepare, full = false }) {
  const of = await furnished;
  const person = await stage("person", [`amal-${name}`, "operator"], { language });
  const page = await open({ colorScheme: theme, locale: "en", viewport: { width, height } });
  await signIn(page, person);
  await page.goto(typeof path === "function" ? path(of) : path);
  await page.waitForSelector("main h1");
  await page.waitForLoadState("networkidle");
  if (prepare) await prepare(page, of);
  if (!told.shots) return;
  // Chromium's own encoder: no other program is needed.
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 80, captureBeyondViewport: full });
  writeFileSync(`${told.shots}/${name}.webp`, Buffer.from(data, "base64"));
}

scene("the queue", async ({ open }) => take(open, "queue", { path: "/queue" }));
scene("a case", async ({ open }) => take(open, "case", { path: of => `/cases/${of.id}`, height: 1000 }));
scene("a case in Arabic, dark", async ({ open }) =>
  take(open, "case-ar-dark", { path: of => `/cases/${of.id}`, language: "ar", theme: "dark", height: 1000 }));
scene("the keys, in French", async ({ open }) =>
  take(open, "keys-fr", {
    path: of => `/cases/${of.id}`,
    language: "fr",
    prepare: page => page.keyboard.press("?"),
  }));
scene("a telephone", async ({ open }) => take(open, "queue-phone", { path: "/queue", width: 390, height: 844 }));
scene("an entry, dark", async ({ open }) => take(open, "entry-dark", { path: of => `/entries/${of.entry}`, theme: "dark" }));
await play({ shared: true });
