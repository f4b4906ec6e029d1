// Shows beside a list of email addresses how many are recognised, so that a person who pastes ten and sees nine knows.
// An extra only: the server counts again on the next page.
import { parse } from "./address-scanner.js";

const showAfter = 300; // milliseconds without a change
const sayAfter = 1000; // milliseconds; a screen reader may still be reading what was typed
const mostLines = 5;

function onLines(entries) {
  const lines = [...new Set(entries.map((entry) => entry.line))];
  if (lines.length === 1) return `on line ${lines[0]}`;
  const more = lines.length > mostLines ? `${lines.length - mostLines} more` : lines.pop();
  return `on lines ${lines.slice(0, mostLines).join(", ")} and ${more}`;
}

/** "9 email addresses recognised. 1 repeated. 2 we do not recognise, on lines 3 and 7." */
export function summary(text) {
  const entries = parse(text);
  if (entries.length === 0) return "";
  const repeated = entries.filter((entry) => entry.repeats !== null);
  const notValid = entries.filter((entry) => entry.key === null);
  const recognised = entries.length - repeated.length - notValid.length;
  let words = `${recognised} email ${recognised === 1 ? "address" : "addresses"} recognised.`;
  if (repeated.length > 0) words += ` ${repeated.length} repeated.`;
  if (notValid.length > 0) words += ` ${notValid.length} we do not recognise, ${onLines(notValid)}.`;
  return words;
}

/** Like the Design System's character count: one message to see, and a copy for screen readers. */
function prepare(textarea) {
  const message = (className, attribute, value) => {
    const element = document.createElement("div");
    element.className = className;
    element.setAttribute(attribute, value);
    return element;
  };
  const seen = message("govuk-hint govuk-character-count__message", "aria-hidden", "true");
  const heard = message("govuk-visually-hidden", "aria-live", "polite");
  textarea.after(seen, heard);
  const show = () => { seen.textContent = summary(textarea.value); };
  let [showing, saying] = [0, 0];
  textarea.addEventListener("input", () => {
    clearTimeout(showing);
    clearTimeout(saying);
    showing = setTimeout(show, showAfter);
    saying = setTimeout(() => { heard.textContent = seen.textContent; }, sayAfter);
  });
  window.addEventListener("pageshow", show); // the list may come back with an error, or restored by the browser
}

globalThis.document?.querySelectorAll("textarea[data-rollcall-addresses]").forEach(prepare);
