// The browser's copy of Addresses/AddressScanner.cs and AddressPunctuation.cs, step for step. The reasons are given
// there.
import { isBlank, parseAddress } from "./email-address.js";
import { joinsAfterComma, suggestion } from "./address-suggestion.js";

const longestText = 200;
const around = new Set("\"'`()[]<>|,;\u00AB\u00B7\u00BB\u2010\u2011\u2012\u2013\u2014\u2015\u2018\u2019"
  + "\u201A\u201C\u201D\u201E\u2022\u2023\u2026\u2039\u203A\u2043"
  + "\u2190\u2192\u2219\u25A0\u25A1\u25AA\u25AB\u25B6\u25B8\u25BA\u25CB\u25CF\u25E6\uFF0C\uFF1B");
const pairs = new Set("*_~{}");
const stops = new Set(".:!?");
const joining = new Set(["and", "or", "to", "cc", "bcc", "from", "email", "mail", "o"]);
const label = /^(?:[0-9]{1,4}(?:\)|\.(?:(?!\uFEFF)[\s\u0085]|$))|(?:to|cc|bcc|from|mail|e-mail|email|mailto|smtp):)/i;

const isAt = (c) => c === "@" || c === "\uFF20" || c === "\uFE6B";
const isSeparator = (c) => c === "," || c === ";" || c === "\uFF0C" || c === "\uFF1B";
const isWhiteSpace = (c) =>
  c < "\x7F" ? c === " " || (c >= "\t" && c <= "\r") : c !== "\uFEFF" && /[\s\u0085]/.test(c);
const isSpace = (c) => c !== "\t" && isWhiteSpace(c);
const isBoundary = (c) => c === "<" || c === ">" || isSeparator(c) || isWhiteSpace(c);
const isAround = (c) => around.has(c) || isBlank(c);
const isAsciiLetterOrDigit = (c) => (c >= "a" && c <= "z") || (c >= "A" && c <= "Z") || (c >= "0" && c <= "9");

function some(text, from, to, is) {
  for (let i = from; i < to; i++) if (is(text[i])) return true;
  return false;
}

function lastSeparator(text, from, to) {
  let i = to - 1;
  while (i >= from && !isSeparator(text[i])) i--;
  return i < from ? -1 : i;
}

function labelEnd(text, from, to) {
  const found = label.exec(text.slice(from, Math.min(to, from + 10)));
  if (!found) return from;
  return from + found[0].trimEnd().length;
}

function inner(text, from, to) {
  let hasSubject = true;
  while (from < to) {
    const [first, last] = [text[from], text[to - 1]];
    if (isAround(first)) from++;
    else if (isAround(last) || stops.has(last)) to--;
    else if (pairs.has(last)) {
      if (first === last || (first === "{" && last === "}")) from++;
      to--;
    } else {
      const end = labelEnd(text, from, to);
      if (end === from) break;
      from = end;
      if (hasSubject) {
        const subject = text.slice(from, to).indexOf("?");
        if (subject >= 0) to = from + subject;
        hasSubject = false;
      }
    }
  }
  return [from, Math.max(from, to)];
}

function isNothing(text, from, to) {
  while (from < to) {
    const c = text[from];
    const end = isAround(c) || (c <= "\x7F" && !isAsciiLetterOrDigit(c)) ? from + 1 : labelEnd(text, from, to);
    if (end === from) return false;
    from = end;
  }
  return true;
}

function shown(text, from, to) {
  while (from < to && isWhiteSpace(text[from])) from++;
  while (to > from && isWhiteSpace(text[to - 1])) to--;
  if (to - from <= longestText) return text.slice(from, to);
  const isHighSurrogate = (text.charCodeAt(from + longestText - 1) & 0xfc00) === 0xd800;
  return text.slice(from, from + longestText - (isHighSurrogate ? 1 : 0)) + "…";
}

function looksLikeHost(text, from, to) {
  for (let i = from + 1; i + 1 < to; i++)
    if (text[i] === "." && isAsciiLetterOrDigit(text[i - 1]) && isAsciiLetterOrDigit(text[i + 1])) return true;
  return false;
}

function wordEnd(text, start, end) {
  let i = start;
  while (i < end && !isBoundary(text[i]) && !(text[i] === "(" && i > start && text[i - 1] === "]")) i++;
  return i;
}

function endAfterSpace(text, i, end) {
  let next = i;
  while (next < end && isSpace(text[next])) next++;
  const nextEnd = wordEnd(text, next, end);
  return nextEnd === next || some(text, next, nextEnd, isAt) ? i : nextEnd;
}

function endAfterComma(text, word, i, end) {
  if (i >= end || text[i] !== ",") return i;
  const [after] = /^[A-Za-z.]*/.exec(text.slice(i + 1, Math.min(end, i + 1 + 7)));
  const next = i + 1 + after.length;
  const ends = next === end || !(isAsciiLetterOrDigit(text[next]) || isAt(text[next]));
  return ends && joinsAfterComma(text.slice(Math.max(word, i - 4), i), after) ? next : i;
}

function nameStart(text, told, start) {
  let end = start;
  while (end > told && (isSpace(text[end - 1]) || "\t<([".includes(text[end - 1]))) end--;
  if (end > told && text[end - 1] === '"') {
    let quote = end - 2;
    while (quote >= told && text[quote] !== '"') quote--;
    if (quote >= told) return quote;
  }
  const comma = lastSeparator(text, told, end);
  if (comma < 0) return told;
  const before = Math.max(told, lastSeparator(text, told, comma) + 1);
  const isLastName = text[comma] === "," && end > comma + 1
    && !isNothing(text, before, comma) && !looksLikeHost(text, before, comma);
  return isLastName ? before : comma + 1;
}

/**
 * All entries in order: line, text, address (as typed) and key or null, the line that a repeated address first appears
 * on, and a suggestion.
 */
export function parse(text) {
  const entries = [];
  const lines = new Map();
  let line = 0;

  function addText(words) {
    entries.push({ line, text: words, address: null, key: null, repeats: null, suggestion: null });
  }

  function tell(from, to) {
    if (!isNothing(text, from, to)) addText(shown(text, from, to));
  }

  function tellOthers(from, to, first) {
    while (from < to) {
      let end = from;
      while (end < to && !isSeparator(text[end])) end++;
      let [a, b] = [from, end];
      while (a < b && isWhiteSpace(text[a])) a++;
      while (b > a && isWhiteSpace(text[b - 1])) b--;
      const isName = b - a > 1 && text[a] === "(" && text[b - 1] === ")"
        && entries.length > first && entries[entries.length - 1].key !== null
        && !isSeparator(text[from - 1]) && !looksLikeHost(text, from, end);
      if (!isName) tell(from, end);
      from = end + 1;
    }
  }

  function splitFrom(told, start, first, address) {
    const from = Math.max(told, lastSeparator(text, told, start) + 1);
    if (from === told && entries.length > first) return -1;
    let end = start;
    while (end > from && isSpace(text[end - 1])) end--;
    let word = end;
    while (word > from && /[a-z0-9._+'-]/.test(text[word - 1])) word--;
    let before = word;
    while (before > from && isSpace(text[before - 1])) before--;
    const half = text.slice(word, end);
    const isHalf = end < start && before === from && /[a-z]/.test(half)
      && !joining.has(half) && !address.key.startsWith(half);
    return isHalf ? word : -1;
  }

  function tellAddress(told, start, end, stop, lastStart, first) {
    const [from, to] = inner(text, start, end);
    const word = text.slice(from, to);
    const address = parseAddress(word);
    const bracketed = (start > told && text[start - 1] === "<")
      || some(text, start, from, (c) => c === "(" || c === "[");
    const last = entries.length > first ? entries[entries.length - 1] : null;
    const isRepeat = bracketed && address && last?.key === address.key
      && isNothing(text, told, start) && !some(text, told, start, (c) => ",;\t".includes(c));
    if (isRepeat) {
      last.text = shown(text, lastStart, stop);
      return false;
    }
    const split = address && from === start ? splitFrom(told, start, first, address) : -1;
    if (split >= 0) {
      tellOthers(told, split, first);
      addText(shown(text, split, stop));
      return true;
    }
    const name = bracketed ? nameStart(text, told, start) : start;
    tellOthers(told, name, first);
    const repeats = address ? lines.get(address.key) ?? null : null;
    if (address && repeats === null) lines.set(address.key, line);
    entries.push({
      line,
      text: shown(text, name, stop),
      address: address?.display ?? null,
      key: address?.key ?? null,
      repeats,
      suggestion: suggestion(word, address),
    });
    return true;
  }

  function readLine(start, end) {
    if (!some(text, start, end, isAt)) return tell(start, end);
    const first = entries.length;
    let [told, addresses, addressEntry, addressStart, addressEnd, before] = [start, 0, -1, start, start, -1];
    for (let i = start; i < end; ) {
      if (isBoundary(text[i])) {
        if (!isSpace(text[i])) before = -1;
        i++;
        continue;
      }
      const word = i;
      i = wordEnd(text, word, end);
      if (!some(text, word, i, isAt)) {
        before = word;
        continue;
      }
      const from = isAt(text[word]) && before >= told ? before : word;
      i = isAt(text[i - 1]) ? endAfterSpace(text, i, end) : endAfterComma(text, word, i, end);
      let stop = i;
      while (stop < end && text[stop] === ">") stop++;
      if (tellAddress(told, from, i, stop, addressStart, first)) {
        [addressEntry, addressStart] = [entries.length - 1, from];
        addresses++;
      }
      [told, addressEnd, before, i] = [stop, stop, -1, stop];
    }
    tellOthers(told, end, first);
    if (addresses === 1 && entries.length > first + 1 && some(text, start, end, (c) => c === "\t")
      && !looksLikeHost(text, start, addressStart) && !looksLikeHost(text, addressEnd, end)) {
      entries[first] = { ...entries[addressEntry], text: shown(text, start, end) };
      entries.length = first + 1;
    }
  }

  const breaks = /\r\n|[\r\n\u2028\u2029]|$(?![\s\S])/g;
  for (let start = 0, found; start <= text.length; start = found.index + (found[0].length || 1)) {
    line++;
    breaks.lastIndex = start;
    found = breaks.exec(text);
    readLine(start, found.index);
  }
  return entries;
}
