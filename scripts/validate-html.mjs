// Prints one line for each markup error in a folder of HTML files, by html-validate's standard rules. Run by the tests.
import fs from "node:fs";
import path from "node:path";
import { HtmlValidate } from "html-validate";

const [folder] = process.argv.slice(2);
const validator = new HtmlValidate({ root: true, extends: ["html-validate:standard"] });
const files = fs.readdirSync(folder).filter((file) => file.endsWith(".html"));
for (const file of files) {
  const { results } = await validator.validateString(fs.readFileSync(path.join(folder, file), "utf8"), file);
  for (const { messages } of results)
    for (const { ruleId, message, line } of messages) console.log(`${file}:${line}: ${ruleId}: ${message}`);
}
console.log(`${files.length} pages checked`);
