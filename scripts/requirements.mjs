// Lists each row of docs/requirements.md with the tests that prove it. A test names a requirement in its own name
// (S1_5_S3_2_Shows_the_name) or with [Trait("Requirement", "S1-5")] on the method or class. Reads the sources, so no
// build is needed.
// --gaps lists only what is not covered.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const typeDeclaration = /^(?:(?:public|internal|sealed|abstract|static|partial)\s+)*(?:class|record)\s+(\w+)/;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const list = path.join(root, "docs/requirements.md");
if (!fs.existsSync(list)) {
  console.log("docs/requirements.md does not exist, so there are no requirements to list.");
  process.exit(0);
}

/** The tests for each requirement. */
const tests = new Map();
const add = (id, test) => tests.set(id, (tests.get(id) ?? new Set()).add(test));

for (const file of fs.readdirSync(path.join(root, "tests"), { recursive: true })) {
  if (!file.endsWith(".cs") || /(^|[\\/])(bin|obj)[\\/]/.test(file)) continue;
  let type = "";
  let ofType = [];
  let attributes = "";
  for (const line of fs.readFileSync(path.join(root, "tests", file), "utf8").split("\n")) {
    const text = line.trim();
    if (text.startsWith("[")) attributes += text;
    const traits = () => [...attributes.matchAll(/Trait\(\s*"Requirement"\s*,\s*"(S\d+-\d+)"/g)].map((m) => m[1]);
    const declaration = text.replace(/^(\[[^\]]*\]\s*)+/, "");
    const isType = declaration.match(typeDeclaration);
    const isMethod = declaration.match(/^public\s.*?(\w+)\s*(?:<\w+>)?\(/);
    if (isType) {
      type = isType[1];
      ofType = traits();
    } else if (isMethod && /\b\w*(Fact|Theory)\b/.test(attributes) && !/\b(Skip|Explicit)\s*=/.test(attributes)) {
      const named = [...isMethod[1].matchAll(/(?:^|_)S(\d+)_(\d+)(?=_|$)/g)].map((m) => `S${m[1]}-${m[2]}`);
      for (const id of [...named, ...traits(), ...ofType]) add(id, `${type}.${isMethod[1]}`);
    }
    if (declaration && !text.startsWith("//")) attributes = "";
  }
}

const gapsOnly = process.argv.includes("--gaps");
/** A row names one requirement (S1-5) or a range (S0-6..9). */
const known = new Set();
let gaps = 0;
for (const line of fs.readFileSync(list, "utf8").split("\n")) {
  const row = line.match(/^\|\s*(S\d+)-(\d+)(?:\.\.(\d+))?\s*\|/);
  if (!row) continue;
  const [, seed, first, last = first] = row;
  const proofs = new Set();
  for (let n = Number(first); n <= Number(last); n++) {
    known.add(`${seed}-${n}`);
    for (const test of tests.get(`${seed}-${n}`) ?? []) proofs.add(test);
  }
  if (proofs.size === 0) gaps++;
  if (proofs.size > 0 && gapsOnly) continue;
  const range = last === first ? "" : `..${last}`;
  console.log(`${seed}-${first}${range}: ${[...proofs].sort().join(", ") || "not covered"}`);
}

for (const [id, names] of tests) {
  if (!known.has(id)) {
    console.error(`${id} is in the name of ${[...names].join(", ")} and not in docs/requirements.md.`);
  }
}

if (gapsOnly) console.log(`${known.size} requirements, ${gaps} without a test. ./test --requirements lists them all.`);
