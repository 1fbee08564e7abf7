// Builds the console once for each state of its source, for whichever build folders want it:
//
//   node build.mjs OUTPUT.c DEPFILE
//   node build.mjs --modules          the packages alone, from npm's registry, where they are not here yet
//
// What is made (dist, and the C file that holds it, compressed) is kept in .build/<digest of the source>; so three builds of
// hilf make it once, and a build without a network needs node_modules alone. OUTPUT is written only when it changes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const kept = path.join(here, ".build");
const KEEP = 3; // states of the source
const LOCK_MS = 10 * 60 * 1000;
const EMPTY_MS = 60 * 1000;
const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

function below(folder) {
  const all = [folder];
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) all.push(...below(name));
    else if (/\.(tsx?|css|json|svg|txt)$/.test(entry.name)) all.push(name);
  }
  return all.sort();
}

// Folders are among them, so that a file that comes or goes is noticed by ninja.
function inputs() {
  const own = [
    "build.mjs",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
  ];
  return [...own.map(name => path.join(here, name)), ...below(path.join(here, "src"))];
}

function digest(files) {
  const hash = createHash("sha256");
  for (const name of files) {
    if (fs.statSync(name).isDirectory()) continue;
    const text = fs.readFileSync(name);
    hash.update(`${path.relative(here, name)}\0${text.length}\0`).update(text);
  }
  return hash.digest("hex").slice(0, 16);
}

// One at a time in this source folder, whoever builds; the lock of a build that died is taken over.
async function locked(work) {
  const lock = path.join(kept, "lock");
  fs.mkdirSync(kept, { recursive: true });
  for (let waited = 0; ; waited += 200) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (waited > LOCK_MS || isDead(lock)) fs.rmSync(lock, { force: true });
    else await new Promise(resolve => setTimeout(resolve, 200));
  }
  try {
    return work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function isDead(lock) {
  try {
    const owner = Number(fs.readFileSync(lock, "utf8"));
    if (!owner) return Date.now() - fs.statSync(lock).mtimeMs > EMPTY_MS; // it is being written
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function run(command, args, env = {}) {
  try {
    execFileSync(command, args, { cwd: here, stdio: "pipe", env: { ...process.env, ...env } });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ""}${error.stderr ?? error}\n`);
    throw new Error(`${[command, ...args].join(" ")} failed`);
  }
}

function modules() {
  const lock = fs.readFileSync(path.join(here, "package-lock.json"));
  const stamp = path.join(here, "node_modules", ".hilf-lock");
  if (fs.existsSync(stamp) && fs.readFileSync(stamp).equals(lock)) return;
  if (!fs.existsSync(path.join(here, "node_modules", ".package-lock.json")) || fs.existsSync(stamp)) {
    const install = () =>
      run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]);
    try {
      install();
    } catch {
      try {
        install(); // a registry may be away for a moment
      } catch (error) {
        throw new Error(
          `${error.message}\nThe console needs its packages once, from npm's registry: run 'npm ci --ignore-scripts' in ` +
            `${here} where there is a network, or build without it: make CONSOLE=disabled (meson configure -Dconsole=disabled)`,
        );
      }
    }
  }
  fs.writeFileSync(stamp, lock);
}

// A C string: octal escapes, so that no digit that follows is taken for a part of one.
function literal(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 512) {
    let line = "";
    for (const byte of bytes.subarray(at, at + 512)) {
      const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
      line += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
    }
    parts.push(`\t"${line}"\n`);
  }
  return parts.join("");
}

function compressed(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const br = brotliCompressSync(bytes, { params });
  const gzip = gzipSync(bytes, { level: 9 });
  return {
    plain: bytes,
    gzip: gzip.length < bytes.length ? gzip : null,
    br: br.length < bytes.length ? br : null,
  };
}

function writeC(dist, output) {
  const files = fs
    .readdirSync(dist, { recursive: true })
    .map(String)
    .filter(name => types[path.extname(name)])
    .sort();
  let data = "";
  let rows = "";
  files.forEach((name, i) => {
    const bytes = fs.readFileSync(path.join(dist, name));
    const forms = compressed(bytes);
    const etag = createHash("sha256").update(bytes).digest("hex").slice(0, 20);
    const fields = [];
    for (const [form, content] of Object.entries(forms)) {
      if (!content) continue;
      data += `static const char f${i}_${form}[] =\n${literal(content)}\t;\n`;
      fields.push(`.${form} = {f${i}_${form}, ${content.length}}`);
    }
    rows += `\t{"${name.replaceAll(path.sep, "/")}", "${types[path.extname(name)]}", "${etag}", ${fields.join(", ")}},\n`;
  });
  const { pages, languages } = links(dist);
  const text =
    `/* Made by web/build.mjs. */\n#include "http/console/assets.h"\n\n` +
    `#pragma GCC diagnostic ignored "-Woverlength-strings"\n\n${data}\n` +
    `const struct console_asset console_assets[] = {\n${rows}\t{0},\n};\n` +
    `const char *const console_languages[] = {${languages.map(language => `"${language}", `).join("")}0};\n` +
    `const struct console_page console_pages[] = {\n${pages.join("")}\t{0},\n};\n`;
  fs.writeFileSync(output, text);
}

// What a browser is told to load with each page (the Link header, RFC 8288), so that nothing waits for a script to ask for
// it: the scripts of its area, its texts in each language, and the first that it asks of the API.
function links(dist) {
  const manifest = JSON.parse(fs.readFileSync(path.join(dist, ".vite/manifest.json"), "utf8"));
  const entry = Object.values(manifest).find(chunk => chunk.isEntry);
  const named = name => Object.values(manifest).find(chunk => chunk.name === name);
  const below = chunk => [chunk, ...(chunk.imports ?? []).flatMap(key => below(manifest[key]))];
  const languages = fs.readdirSync(path.join(here, "src/i18n")).filter(name => /^..$/.test(name));
  languages.sort((a, b) => Number(b === "en") - Number(a === "en")); // for who speaks none of them
  const rows = JSON.parse(fs.readFileSync(path.join(here, "src/pages.json"), "utf8"));
  const pages = rows.map(({ path, area, first }) => {
    const texts = language => (area === "known" ? [language, language + "-data"] : [language]);
    const link = language => {
      const chunks = [area, ...texts(language)].flatMap(name => below(named(name)));
      const files = new Set(chunks.filter(chunk => chunk !== entry).map(chunk => chunk.file));
      return [...files].map(file => `</${file}>; rel=modulepreload`).join(", ");
    };
    const all = languages.map(language => `"${link(language)}", `);
    return `\t{"${path}", ${first ? `"${first}"` : 0}, {${all.join("")}}},\n`;
  });
  return { pages, languages };
}

function build(key) {
  const place = path.join(kept, key);
  const made = path.join(place, "console.c");
  if (fs.existsSync(made)) return made;
  modules();
  fs.rmSync(place, { recursive: true, force: true });
  const dist = path.join(place, "dist");
  run("node", ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"], { HILF_WEB_DIST: dist });
  writeC(dist, made + ".new");
  fs.renameSync(made + ".new", made);
  prune(key);
  return made;
}

function prune(key) {
  const states = fs
    .readdirSync(kept)
    .filter(name => /^[0-9a-f]{16}$/.test(name) && name !== key)
    .map(name => ({ name, age: fs.statSync(path.join(kept, name)).mtimeMs }))
    .sort((a, b) => b.age - a.age);
  for (const { name } of states.slice(KEEP - 1))
    fs.rmSync(path.join(kept, name), { recursive: true, force: true });
}

async function main([output, depfile]) {
  if (output === "--modules") return await locked(modules);
  const files = inputs();
  const text = fs.readFileSync(await locked(() => build(digest(files))));
  if (!fs.existsSync(output) || !fs.readFileSync(output).equals(text)) fs.writeFileSync(output, text);
  const names = files.map(name => name.replaceAll(" ", "\\ "));
  fs.writeFileSync(depfile, `${path.basename(output)}: ${names.join(" \\\n ")}\n`);
}

main(process.argv.slice(2)).catch(error => {
  console.error(`hilf: the console was not built: ${error.message}`);
  process.exit(1);
});
