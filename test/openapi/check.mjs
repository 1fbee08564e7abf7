// The OpenAPI description before a public validator; its examples, and the answers that a real node gave, against its
// schemas.
//
//   node check.mjs openapi.json answers.jsonl      a line: {"method","path","status","type","body"}
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { readFileSync } from "node:fs";

const [, , openapiPath, answersPath] = process.argv;
const openapi = JSON.parse(readFileSync(openapiPath));
const failures = [];
const fail = (where, why) => failures.push(`${where}: ${typeof why === "string" ? why : JSON.stringify(why)}`);

const said = await new Validator().validate(structuredClone(openapi));
if (!said.valid) fail("openapi.json", said.errors);

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(openapi, "openapi.json");
const pointer = (...keys) =>
  keys.map((key) => "/" + encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"))).join("");
const checks = new Map();
function check(where, at, value) {
  if (!checks.has(at)) checks.set(at, ajv.compile({ $ref: "openapi.json#" + at }));
  const valid = checks.get(at);
  if (!valid(value)) fail(where, valid.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`).join("; "));
}

let examples = 0;
for (const [name, schema] of Object.entries(openapi.components.schemas))
  for (const example of schema.examples ?? []) {
    check(`the example of ${name}`, pointer("components", "schemas", name), example);
    examples++;
  }
const ids = new Set();
const routes = [];
for (const [path, methods] of Object.entries(openapi.paths)) {
  const form = new RegExp("^" + path.replace(/\{[^}]+\}/g, "[^/]+").replaceAll(".", "\\.") + "$");
  for (const [method, operation] of Object.entries(methods)) {
    routes.push({ path, method, form, operation, seen: new Set() });
    if (ids.has(operation.operationId)) fail(`${method} ${path}`, `operationId ${operation.operationId} is there twice`);
    ids.add(operation.operationId);
    const named = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]).sort().join();
    const declared = operation.parameters.filter((p) => p.in === "path").map((p) => p.name).sort().join();
    if (named !== declared) fail(`${method} ${path}`, `the path has {${named}}, the parameters are ${declared}`);
    const json = operation.requestBody?.content?.["application/json"];
    if (json?.example) {
      check(`the example of ${method} ${path}`, pointer("paths", path, method, "requestBody", "content", "application/json", "schema"), json.example);
      examples++;
    }
  }
}

function place(answer) {
  const path = decodeURI(answer.path.split("?")[0]);
  const route = routes.find((r) => r.method === answer.method.toLowerCase() && r.form.test(path));
  if (!route) return undefined; // an error of the server itself
  const responses = route.operation.responses;
  const status = responses[answer.status] ? String(answer.status) : "default";
  route.seen.add(status);
  let at = pointer("paths", route.path, route.method, "responses", status);
  let response = responses[status];
  if (response.$ref) {
    at = response.$ref.slice(1);
    response = openapi.components.responses[at.split("/").pop()];
  }
  return { at, response };
}

let answers = 0;
for (const line of readFileSync(answersPath, "utf8").split("\n").filter(Boolean)) {
  const answer = JSON.parse(line);
  const where = `${answer.method} ${answer.path.slice(0, 80)}: ${answer.status}`;
  if (answer.status >= 400 && answer.type.startsWith("application/json") && answer.path !== "/readyz") {
    const code = JSON.parse(answer.body).error?.code;
    if (!openapi["x-hilf-errors"].some((error) => error.code === code && error.status === answer.status))
      fail(where, `the code ${code} is not among the errors that are described`);
  }
  const { at, response } = place(answer) ?? { at: pointer("components", "responses", "Failure"), response: openapi.components.responses.Failure };
  answers++;
  const type = (answer.type ?? "").split(";")[0];
  if (!type) {
    if (response.content) fail(where, "a body was promised");
    continue;
  }
  const media = response.content?.[type];
  if (!media) {
    fail(where, `answered ${type}, which is not described`);
  } else if (type === "application/json") {
    check(where, at + pointer("content", type, "schema"), JSON.parse(answer.body));
  } else if (type === "application/jsonl" && media.schema.$ref) {
    for (const item of answer.body.split("\n").filter(Boolean)) check(where, at + pointer("content", type, "schema"), JSON.parse(item));
  }
}

// A build without the console has no files of it.
const bare = routes.some((r) => r.path === "/" && r.seen.has("302"));
const unseen = routes.filter((r) => !(bare && r.path.startsWith("/assets/"))).filter((r) => ![...r.seen].some((status) => status < "4")).map((r) => `${r.method} ${r.path}`);
if (unseen.length) fail("answers", `no success was seen of ${unseen.join(", ")}`);

console.log(`${routes.length} routes, ${Object.keys(openapi.components.schemas).length} schemas, ${examples} examples, ${answers} answers`);
for (const failure of failures.slice(0, 30)) console.log("FAILED: " + failure.slice(0, 600));
process.exit(failures.length ? 1 : 0);
