// The size and shape of the code in figures: node scripts/figures.mjs [FOLDER...], one column for each checkout.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const folders = process.argv.length > 2 ? process.argv.slice(2) : [here];

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const count = (text, pattern) => text.match(pattern)?.length ?? 0;
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** Arguments of each primary constructor of a class, by its name. Records hold facts, so they do not count. */
function constructors(code) {
  const found = [];
  for (const match of code.matchAll(/\bclass (\w+)(?:<[\w, ]+>)?\(/g)) {
    let depth = 1;
    let commas = 0;
    let i = match.index + match[0].length;
    const start = i;
    for (; depth > 0 && i < code.length; i++) {
      if ("([{<".includes(code[i])) depth++;
      else if (")]}>".includes(code[i])) depth--;
      else if (code[i] === "," && depth === 1) commas++;
    }
    const inside = code.slice(start, i - 1).trim();
    found.push({ name: match[1], count: inside ? commas + 1 - (inside.endsWith(",") ? 1 : 0) : 0 });
  }
  return found;
}

function figures(root) {
  const names = execFileSync("git", ["-C", root, "ls-files", "src"], { encoding: "utf8" }).split("\n").filter(Boolean);
  const read = (ending) =>
    names
      .filter((name) => name.endsWith(ending) && fs.existsSync(path.join(root, name)))
      .map((name) => ({ name, text: fs.readFileSync(path.join(root, name), "utf8") }))
      .map((file) => ({ ...file, lines: file.text.replace(/\n$/, "").split("\n") }));
  const code = read(".cs");
  const sql = read(".sql");
  const all = [...code, ...sql, ...read(".cshtml"), ...read(".mjs"), ...read(".js")];
  const lengths = code.map((file) => file.lines.length).sort((a, b) => a - b);
  const characters = code.map((file) => file.text.length).sort((a, b) => a - b);
  const pages = code.filter((file) => file.name.endsWith(".cshtml.cs")).map((file) => file.lines.length);
  const whole = code.map((file) => file.text).join("\n");
  const longest = code.reduce((a, b) => (a.lines.length > b.lines.length ? a : b));
  const built = code.flatMap((file) => constructors(file.text));
  const most = built.reduce((a, b) => (a.count > b.count ? a : b));
  return {
    "C# files": code.length,
    "C# characters in all, white space aside": whole.replace(/\s/g, "").length,
    "lines of a file: median / 90th percentile": `${at(lengths, 0.5)} / ${at(lengths, 0.9)}`,
    "longest file": `${longest.lines.length} (${path.basename(longest.name)})`,
    "characters of a file, median": at(characters, 0.5),
    "lines of a page model, median": at(pages.sort((a, b) => a - b), 0.5),
    "lines over 120 columns": sum(all.map((file) => file.lines.filter((line) => line.length > 120).length)),
    "constructor arguments, most": `${most.count} (${most.name})`,
    "classes with more than 5 constructor arguments": built.filter((b) => b.count > 5).length,
    "BeginTransactionAsync": count(whole, /BeginTransactionAsync\(/g),
    "explicit joins in C#": count(whole, /^\s*join \w+ in /gm),
    "uses of CancellationToken": count(whole, /\bcancellation\b|\bCancellationToken\b/g),
    "migrations: files / lines": `${sql.length} / ${sum(sql.map((file) => file.lines.length))}`,
    "somebody, nobody, whoever, everybody": count(
      all.map((file) => file.text).join("\n"),
      /\b(somebody|nobody|whoever|everybody)\b/gi,
    ),
  };
}

const columns = folders.map(figures);
console.log(`| | ${folders.map((folder) => path.basename(path.resolve(folder))).join(" | ")} |`);
console.log(`|---|${folders.map(() => "---|").join("")}`);
for (const name of Object.keys(columns[0])) console.log(`| ${name} | ${columns.map((c) => c[name]).join(" | ")} |`);
