// The browser's copy of Addresses/EmailAddress.cs and EmailHost.cs. It uses the browser's own tables of international
// domains, which are stricter in one way: they reject a name that mixes left-to-right and right-to-left letters. No
// registry hands these out.

export const maxLength = 254;
const maxLocal = 64;

const invisible = /[\u00AD\u180E\u200B-\u200D\u2060\uFEFF]/g;
const blank = /^(?:[\s\u0085]|\p{Cf}|[\u034F\u115F\u1160\u17B4\u17B5\u2800\u3164\uFFA0])$/u;
const isLocal = (text) =>
  /^[A-Za-z0-9!#$%&'*+\-/=?^_`{}~.]+$/.test(text)
  && !text.startsWith(".") && !text.endsWith(".") && !text.includes("..");

export const isAscii = (text) => /^[\0-\x7F]*$/.test(text);
const asciiLower = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Blank or invisible at the ends of a pasted text. */
export const isBlank = (character) =>
  character < "\x7F" ? character === " " || (character >= "\t" && character <= "\r") : blank.test(character);

function clean(text) {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text[from])) from++;
  while (to > from && isBlank(text[to - 1])) to--;
  return text.slice(from, to).replace(invisible, "");
}

// Beside a label that is not ASCII, a browser validates punycode labels too.
const accent = ".xn--9ca";

function toPunycode(label) {
  try {
    const { hostname } = new URL(`http://${label}.é`);
    return hostname.endsWith(accent) ? hostname.slice(0, -accent.length) : null;
  } catch {
    return null;
  }
}

// Includes ASCII signs with a stroke through them.
const looksLikeAscii = (label) =>
  /[\u2260\u226E\u226F]/.test(label)
  || [...label].some((character) => !isAscii(character) && isAscii(character.normalize("NFKC")));

function toLabel(label) {
  if (!label || label.length > 63 || /[\0-,/:-@[-`{-\x7F]/.test(label)) return null;
  if (label.startsWith("-") || label.endsWith("-")) return null;
  let ascii = asciiLower(label);
  if (!isAscii(label)) ascii = /\p{Cs}/u.test(label) || looksLikeAscii(label) ? null : toPunycode(label);
  else if (ascii.startsWith("xn--") && toPunycode(ascii) !== ascii) ascii = null;
  return ascii && /^[a-z0-9-]{1,63}$/.test(ascii) ? ascii : null;
}

function toHost(text) {
  if (text.length > 253) return null;
  const labels = text.split(/[.\u3002]/).map(toLabel);
  const last = labels[labels.length - 1];
  const host = labels.join(".");
  const isHost = labels.length > 1 && !labels.includes(null) && host.length <= 253
    && /^(?:xn--.*|[a-z]{2,})$/.test(last);
  return isHost ? host : null;
}

/** The address as typed with its key, which is equal for every spelling of the address; or null. */
export function parseAddress(text) {
  const display = clean(text);
  const at = display.indexOf("@");
  if (display.length > maxLength || at < 1 || at > maxLocal || !isLocal(display.slice(0, at))) return null;
  const host = toHost(display.slice(at + 1));
  const key = host && `${asciiLower(display.slice(0, at))}@${host}`;
  return key && key.length <= maxLength ? { display, key } : null;
}
