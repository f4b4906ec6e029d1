// Reads texts, one a line, as the browser does, and writes the entries of each. Both in UTF-16 within Base64: a text
// may hold anything.
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const assets = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../src/Rollcall/Assets");
const { parse } = await import(pathToFileURL(path.join(assets, "address-scanner.js")).href);
for await (const line of readline.createInterface({ input: process.stdin })) {
  const entries = parse(Buffer.from(line, "base64").toString("utf16le"));
  const fields = (e) => [e.line, e.text, e.address, e.key, e.repeats, e.suggestion];
  const text = entries.map((e) => fields(e).map((value) => value ?? "").join("\0")).join("\0\0");
  console.log(Buffer.from(text, "utf16le").toString("base64"));
}
