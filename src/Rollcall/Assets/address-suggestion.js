// The browser's copy of Addresses/AddressSuggestion.cs.
import { isAscii, maxLength, parseAddress } from "./email-address.js";

const known = [
  "gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "outlook.com", "yahoo.com", "yahoo.co.uk",
  "icloud.com", "btinternet.com", "virginmedia.com", "talktalk.net", "protonmail.com", "ntlworld.com",
  "blueyonder.co.uk", "education.gov.uk", "digital.education.gov.uk", "justice.gov.uk",
  "homeoffice.gov.uk", "cabinetoffice.gov.uk",
];
const real = ["mail.com", "cloud.com"];
const endings = [
  [".con", ".com"], [".cmo", ".com"], [".ocm", ".com"], [".comm", ".com"], [".coom", ".com"],
  [".vom", ".com"], [".xom", ".com"], [".cpm", ".com"],
  [".ku", ".uk"], [".ogr", ".org"], [".gvo.uk", ".gov.uk"], [".ogv.uk", ".gov.uk"],
];
const withoutDots = [
  ["couk", ".co.uk"], ["orguk", ".org.uk"], ["govuk", ".gov.uk"],
  ["acuk", ".ac.uk"], ["nhsuk", ".nhs.uk"], ["schuk", ".sch.uk"],
];

export const joinsAfterComma = (before, after) =>
  !/\.(?:com|net|org|uk)$/i.test(before) && /^(?:com|net|org|uk|(?:co|org|gov|ac|nhs|sch)\.uk)$/i.test(after);

function isOneSlip(typed, right) {
  let i = 0;
  while (i < typed.length && typed[i] === right[i]) i++;
  switch (typed.length - right.length) {
    case 0:
      return i + 1 < right.length && typed[i] === right[i + 1] && typed[i + 1] === right[i]
        && typed.slice(i + 2) === right.slice(i + 2);
    case -1: return typed.slice(i) === right.slice(i + 1);
    case 1: return i > 0 && typed[i] === typed[i - 1] && typed.slice(i + 1) === right.slice(i);
    default: return false;
  }
}

function mendHost(typed) {
  const ending = endings.find(([wrong]) => typed.endsWith(wrong));
  const host = ending ? typed.slice(0, -ending[0].length) + ending[1] : typed;
  if (known.includes(host) || real.includes(host)) return host;
  const near = known.find((right) => isOneSlip(host, right));
  if (near) return near;
  const joined = host.includes(".")
    ? null
    : withoutDots.find(([wrong]) => host.length > wrong.length + 1 && host.endsWith(wrong));
  return joined ? host.slice(0, -joined[0].length) + joined[1] : host;
}

export function suggestion(word, address) {
  if (word.length > maxLength) return null;
  const text = address?.display
    ?? word.replace(/(?!\uFEFF)[\s\u0085]/g, "").replace(/[@\uFF20\uFE6B]+/g, "@").replaceAll(",", ".");
  const at = text.indexOf("@");
  const host = text.slice(at + 1);
  const meant = parseAddress(text.slice(0, at + 1) + (isAscii(host) ? mendHost(host.toLowerCase()) : host));
  return meant && meant.key !== address?.key ? meant.display : null;
}
