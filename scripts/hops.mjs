// What has to be read to follow eight behaviours from the route to the database and back:
//   node scripts/hops.mjs OLD NEW [BEHAVIOUR]
// OLD is a checkout of commit ae8a63b, before the redesign, and NEW one of today. The name of a behaviour lists its
// files.
//
// The rule, the same for both trees:
// - A way begins at its page models, or at the handler of its address, which are read as whole files.
// - From there it takes every member of an operation, a policy or a helper that the way calls, directly or through
//   another member, and the SQL where the behaviour lives in the schema, as it was last defined. Where most of a file
//   is needed, all of it but the members of another behaviour.
// - It leaves out what all ways share and a reader learns once, which is the last row; the framework; views and the
//   texts of emails; the entities and settings; and what only reads one value, such as an address, a name or a token.
// - It also leaves out another behaviour that the way only offers, such as sending an expired link again.
//
// A file is a hop. Blank lines, usings and namespaces do not count. The formatter breaks lines at 120 columns today and
// did not before, so lines alone would measure the formatter: characters, without the white space at either end of a
// line, are the better measure. The last columns leave out the lines that are only a comment.
//
// The script finds a member by its name, with its comment and all its overloads, and fails when a name is gone.
import fs from "node:fs";
import path from "node:path";

// One file a line, within src/Rollcall; after the colon the members to read, or nothing for the whole file. With a
// minus: the whole file without them. Name(Type): the overloads that have a parameter of this type.
const ways = {
  "add a user": {
    before: `
      Users/Add/PersonalDetails.cshtml.cs
      Users/Add/Access.cshtml.cs
      Users/Add/CheckAnswers.cshtml.cs
      Users/Add/NewUser.cs
      Users/PersonalDetails.cs
      Users/AccessForm.cs
      Operations/Adding.cs
      Operations/GivingAccess.cs: Offer Access NoLonger OfferAsync
      Operations/Managing.cs: MayGiveAsync ManagersOf
      Operations/Inviting.cs: InviteAsync NewLinkAsync EndAsync ForgetWhatWasBegunAsync`,
    after: `
      Users/Add/PersonalDetails.cshtml.cs
      Users/Add/Access.cshtml.cs
      Users/Add/CheckAnswers.cshtml.cs
      Users/Add/NewUser.cs
      Users/PersonalDetails.cs
      Users/AccessForm.cs
      Operations/AddMember.cs
      Operations/ChangeAccess.cs: AccessOffer Access NoLonger TooMuch OfferAsync
      Operations/MemberPolicy.cs: MayGiveAsync HeldAsync ManagersOf AdminAccess GrantableAccess
      Operations/Disclosure.cs: IsAwaited AccountAsync MemberAsync
      Operations/MessageLimits.cs
      Operations/Invitations.cs: SendAsync NewLinkAsync EndAsync
      Operations/UnfinishedRegistrations.cs`,
  },
  "the list": {
    before: `
      Users/List.cshtml.cs
      Users/People.cs: -ExportAsync
      Web/Paging.cs
      Data/UserSearch.cs
      Data/Migrations/0001_organisations_users_memberships.sql: search_fold memberships_in_name_order member_counts
        count_added count_changed count_deleted
      Data/Migrations/0008_finding_people.sql: user_search memberships_by_standing memberships_by_expiry copy_sort_name
        carry_sort_name stretch_change
      Data/Migrations/0013_lists_by_the_clock.sql: lists_of count_members
      Data/Migrations/0014_indexes_of_memberships.sql: memberships_waiting memberships_to_age
      Data/Migrations/0016_memberships_that_move.sql: copy_sort_name`,
    after: `
      Users/List.cshtml.cs
      Users/MemberList.cs: -ExportAsync
      Users/MemberCounts.cs: -ReadAsync
      Web/Paging.cs
      Operations/MemberPolicy.cs: MayAct AdminAccess
      Data/UserSearch.cs
      Data/Migrations/0001_people.sql: search_fold sort_name_of user_search
      Data/Migrations/0002_lists.sql`,
  },
  "bulk invitation": {
    before: `
      Users/Invite/Invite.cshtml.cs
      Users/Invite/InvitationList.cshtml.cs
      Users/Invite/LineOfAList.cs
      Users/Invite/Verdicts.cs
      Users/AccessForm.cs
      Operations/InvitingMany.cs: -SendToExpiredAsync -MostAtOnce
      Operations/GivingAccess.cs: Offer Access NoLonger OfferAsync
      Operations/Managing.cs: MayGiveAsync ManagersOf
      Operations/Inviting.cs: ForgetWhatWasBegunAsync`,
    after: `
      Users/Invite/Invite.cshtml.cs
      Users/Invite/InvitationList.cshtml.cs
      Users/Invite/UnsentLists.cs
      Users/Invite/InvitationLineReader.cs
      Users/Invite/ListAccess.cs
      Users/Invite/ListOutcome.cs
      Users/AccessForm.cs
      Operations/BulkInvitations.cs
      Operations/BulkSending.cs
      Operations/ChangeAccess.cs: AccessOffer Access NoLonger OfferAsync
      Operations/MemberPolicy.cs: MayGiveAsync HeldAsync ManagersOf AdminAccess GrantableAccess
      Operations/Disclosure.cs: IsAwaited
      Operations/MessageLimits.cs: InvitationsToAMailbox MessagesToAMailbox Invitations FullMailboxesAsync
      Operations/UnfinishedRegistrations.cs`,
  },
  "registration with a second factor": {
    before: `
      Register/Start.cshtml.cs
      Register/Details.cshtml.cs
      Register/Finish.cshtml.cs
      Account/SecondFactor/Choose.cshtml.cs
      Account/SecondFactor/SetUp.cshtml.cs
      Operations/Inviting.cs: OpenedLink FindAsync Nothing AcceptAllAsync EndAsync ForgetWhatWasBegunAsync
      Operations/Registering.cs
      Operations/SecondFactorSetUp.cs: -RemoveAsync
      Operations/SecurityCodes.cs
      Operations/SigningIn.cs: SignInAsync WelcomeAsync
      Operations/Terms.cs: AreToBeAcceptedByAsync
      Operations/GivingAccess.cs: CheckAgainAsync
      Operations/Managing.cs: MayStillGiveAsync ManagersOf
      Credentials/Passwords.cs: -Verify
      Credentials/Blocklist.cs
      Credentials/Authenticators.cs: Purpose SaveAsync
      Credentials/OneTimeCodes.cs
      Credentials/Totp.cs
      Credentials/QrCode.cs
      Credentials/RecoveryCodes.cs: -UseAsync
      Credentials/SecondFactors.cs: Authenticator EndSessionsWithoutAsync
      Credentials/Throttle.cs: -GiveBackAsync
      Web/Session.cs: Principal BeginAsync EndAsync StoreAsync Hash`,
    after: `
      Register/Start.cshtml.cs
      Register/Details.cshtml.cs
      Register/Finish.cshtml.cs
      Register/Ready.cshtml.cs
      Account/SecondFactor/Choose.cshtml.cs
      Account/SecondFactor/SetUp.cshtml.cs
      Operations/Invitations.Opened.cs
      Operations/Invitations.cs: AcceptAllAsync EndAsync
      Operations/UnfinishedRegistrations.cs
      Operations/Registration.cs
      Operations/NewSecondFactor.cs
      Operations/SecondFactorSetUp.cs: -RemoveAsync -LastOne
      Operations/NewSecondFactorCheck.cs
      Operations/SendCode.cs
      Operations/SignIns.cs: SignInAsync RegisterAsync ShowAsync WelcomeAsync
      Operations/Terms.cs: AreToBeAcceptedByAsync
      Operations/ChangeAccess.cs: CheckAgainAsync LimitAsync GrantsOf AreaNamesAsync
      Operations/MemberPolicy.cs: MayStillGiveAsync HeldAsync AreasOf ManagersOf AdminAccess
      Security/Passwords.cs: -Verify
      Security/CommonPasswords.cs
      Security/Authenticators.cs: Purpose SaveAsync
      Security/OneTimeCodes.cs
      Security/Totp.cs
      Security/QrCode.cs
      Security/RecoveryCodes.cs: -UseAsync
      Security/SecondFactorKind.cs
      Security/Throttle.cs: -ForgiveKnownAsync -GiveBackAsync
      Security/Sessions.cs: EndSessionsAsync(string)
      Web/Session.cs: BeginAsync EndAsync Secret CookieName Hash Now Database
      Web/KnownDevice.cs: Remember Read Device Account`,
  },
  "provider callback": {
    before: `
      SignIn/Providers/ProviderHandler.cs
      SignIn/Providers/ProviderEvents.cs
      SignIn/Providers/Discovery.cs
      SignIn/Providers/IdToken.cs
      SignIn/Providers/SigningKey.cs
      SignIn/Providers/Entrance.cs
      SignIn/Providers/ProvenIdentities.cs
      Operations/Identities.cs
      Operations/SigningIn.cs: -Refuse
      Operations/Inviting.cs: AcceptAllAsync EndAsync ForgetWhatWasBegunAsync
      Operations/GivingAccess.cs: CheckAgainAsync
      Operations/Managing.cs: MayStillGiveAsync ManagersOf
      Web/Session.cs: Principal BeginAsync EndAsync StoreAsync Hash`,
    after: `
      SignIn/Providers/ProviderHandler.cs
      SignIn/Providers/ProviderEvents.cs
      SignIn/Providers/Discovery.cs
      SignIn/Providers/IdToken.cs
      SignIn/Providers/SigningKey.cs
      SignIn/Providers/CompleteProviderSignIn.cs
      SignIn/Providers/ProviderIdentities.cs
      Operations/ProviderSignIn.cs
      Operations/ProviderIdentity.cs
      Operations/ProviderAccounts.cs
      Operations/ProviderProfile.cs
      Operations/SignIns.cs: IsAllowedAsync SignInAsync RegisterAsync ShowAsync WelcomeAsync
      Operations/Invitations.cs: AcceptAllAsync EndAsync
      Operations/UnfinishedRegistrations.cs
      Operations/ChangeAccess.cs: CheckAgainAsync LimitAsync GrantsOf AreaNamesAsync
      Operations/MemberPolicy.cs: MayStillGiveAsync HeldAsync AreasOf ManagersOf AdminAccess
      Operations/MailedLinks.cs: -Apart -Ended
      Security/Throttle.cs: Tries Free LongestWait TryAsync
      Web/Session.cs: BeginAsync EndAsync Secret CookieName Hash Now Database
      Web/KnownDevice.cs: Remember Read Device Account`,
  },
  pausing: {
    before: `
      Users/Pause/Pause.cshtml.cs
      Users/Pause/Resume.cshtml.cs
      Operations/Pausing.cs: Yourself PauseAsync ResumeAsync SetAsync
      Operations/Managing.cs: NoLonger Above RefuseAsync AreLastAsync ManagersOf`,
    after: `
      Users/Pause/Pause.cshtml.cs
      Users/Pause/Resume.cshtml.cs
      Operations/PauseMember.cs: Yourself PauseAsync ResumeAsync SetAsync
      Operations/MemberPolicy.cs: NoLonger Above RefuseAsync AreLastAsync AreasOf MayAct(AdminAccess) HeldAsync
        ManagersOf AdminAccess`,
  },
  undo: {
    before: `
      Users/Remove/Undo.cshtml.cs
      Operations/Leaving.cs: TooLate RemovedLatelyAsync UndoAsync RemovedBy
      Operations/Managing.cs: NoLonger Above RefuseAsync ManagersOf
      Operations/Inviting.cs: RestoreAsync InviteAsync NewLinkAsync EndAsync ForgetWhatWasBegunAsync`,
    after: `
      Users/Remove/Undo.cshtml.cs
      Operations/RemoveMember.cs: TooLate RemovedLatelyAsync UndoAsync RemovedBy
      Operations/MemberPolicy.cs: NoLonger Above RefuseAsync AreasOf MayAct(AdminAccess) HeldAsync ManagersOf
        AdminAccess
      Operations/Invitations.cs: RestoreAsync InviteAsync SendAsync NewLinkAsync EndAsync
      Operations/UnfinishedRegistrations.cs`,
  },
  merging: {
    before: `
      Users/Merge/ChooseOther.cshtml.cs
      Users/Merge/CheckMerge.cshtml.cs
      Operations/Merging.cs
      Operations/MailedLinks.cs
      Operations/Inviting.cs: WithdrawAsync InviteAsync NewLinkAsync EndAsync ForgetWhatWasBegunAsync`,
    after: `
      Users/Merge/ChooseOther.cshtml.cs
      Users/Merge/CheckMerge.cshtml.cs
      Operations/MergeUsers.cs
      Operations/MergePlan.cs
      Operations/MailedLinks.cs: -Apart -Ended
      Operations/Invitations.cs: WithdrawAsync InviteAsync SendAsync NewLinkAsync EndAsync
      Operations/UnfinishedRegistrations.cs`,
  },
  "learned once, for all of them": {
    before: `
      Web/Current.cs
      Web/Drafts.cs
      Web/Banner.cs
      Users/Member.cs
      Model/Viewer.cs
      Model/Refusal.cs
      Data/Locks.cs
      Operations/Recording.cs
      Emails/Outbox.cs`,
    after: `
      Web/Current.cs
      Web/Drafts.cs
      Web/Banner.cs
      Web/RefusablePage.cs
      Users/MemberPage.cs
      Users/Member.cs
      Model/Viewer.cs
      Model/Actor.cs
      Model/Refusal.cs
      Model/Result.cs
      Data/Transactions.cs
      Data/Locks.cs
      Operations/AuditLog.cs
      History/Event.cs: -Read -Fact -EventContext
      Emails/Outbox.cs`,
  },
};

const places = (list) => {
  const found = [];
  for (const line of list.trim().split("\n")) {
    const [file, members] = line.trim().split(": ");
    if (/\.(cs|sql)$/.test(file)) found.push({ file, members: members?.split(" ") });
    else found.at(-1).members.push(...line.trim().split(" "));
  }
  return found;
};

function read(root, { file, members }) {
  const place = path.join(root, "src/Rollcall", file);
  if (!fs.existsSync(place)) throw new Error(`${place} is gone: correct the list in scripts/hops.mjs`);
  const text = fs.readFileSync(place, "utf8");
  const parts = members && (file.endsWith(".sql") ? statements(text) : declarations(text));
  const find = (wanted) => {
    const [, name, type] = /^-?(\w+)(?:\((\w+)\))?$/.exec(wanted);
    const parameter = new RegExp(`\\b${name}\\([^)]*\\b${type}\\b`);
    const named = parts.filter((part) => part.name === name && (!type || parameter.test(part.text)));
    if (named.length === 0) throw new Error(`${file} has no ${wanted} any longer: correct the list`);
    return named.map((part) => part.text);
  };
  const whole = !members || members[0].startsWith("-");
  if (!whole) return members.flatMap(find).join("\n");
  let rest = text;
  for (const other of members?.flatMap(find) ?? []) rest = rest.replace(other, () => "");
  return rest.replace(/^(using|namespace) .*;$/gm, "");
}

function measure(root, list) {
  const files = places(list).map((place) => {
    const lines = read(root, place)
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
    const length = (some) => some.reduce((sum, line) => sum + line.length, 0);
    const code = lines.filter((line) => !/^(\/\/|--)/.test(line));
    return { file: place.file, lines: lines.length, characters: length(lines), code: length(code) };
  });
  const sum = (what) => files.reduce((total, file) => total + file[what], 0);
  return { files, hops: files.length, lines: sum("lines"), characters: sum("characters"), code: sum("code") };
}

/** The text with every string and comment blanked out, character for character, so that brackets can be matched. */
function masked(text) {
  const out = [...text];
  const character = /^'(?:\\.[^']*|[^'\\])'/;
  const quote = /^([$@]*)("{3,}|")/;

  function afterString(i) {
    const [all, prefix, quotes] = quote.exec(text.slice(i));
    let at = i + all.length;
    if (quotes.length > 1) return text.indexOf(quotes, at) + quotes.length;
    const verbatim = prefix.includes("@");
    while (text[at] !== '"' || (verbatim && text[at + 1] === '"')) {
      if (at >= text.length) throw new Error("a string without an end");
      if (text[at] === (verbatim ? '"' : "\\")) at += 2;
      else if (prefix.includes("$") && text[at] === "{") at = text[at + 1] === "{" ? at + 2 : afterHole(at + 1);
      else at++;
    }
    return at + 1;
  }

  /** After the } of an interpolated string's hole, which may hold strings of its own. */
  function afterHole(i) {
    for (let depth = 1; depth > 0; ) {
      const rest = text.slice(i, i + 12);
      if (quote.test(rest)) i = afterString(i);
      else if (character.test(rest)) i += character.exec(rest)[0].length;
      else {
        if (text[i] === "{") depth++;
        if (text[i] === "}") depth--;
        i++;
      }
    }
    return i;
  }

  const endOfLine = (i) => (text.includes("\n", i) ? text.indexOf("\n", i) : text.length);
  for (let i = 0; i < text.length; ) {
    const rest = text.slice(i, i + 12);
    let end = i;
    if (/^(\/\/|#)/.test(rest)) end = endOfLine(i);
    else if (quote.test(rest)) end = afterString(i);
    else if (character.test(rest)) end = i + character.exec(rest)[0].length;
    for (let at = i; at < end; at++) if (out[at] !== "\n") out[at] = " ";
    i = Math.max(end, i + 1);
  }
  return out.join("");
}

/** The types and the members of a C# file, with their comments. */
function declarations(text) {
  const code = masked(text);
  const found = [];
  walk(/^namespace .*;$/m.exec(code)?.index ?? 0, code.length);
  return found;

  function walk(from, to) {
    while (code.slice(from, to).trim() !== "") {
      const { header, body, end } = declaration(from, to);
      const head = code.slice(from, header).replace(/\[[^\]]*\]/g, "");
      const type = /\b(?:class|record|struct|interface|enum) (?:struct |class )?(\w+)/.exec(head);
      const name = type?.[1] ?? nameOf(head);
      if (name) found.push({ name, text: text.slice(from, end) });
      if (type && body && !/\benum\b/.test(head)) walk(body + 1, end - 1);
      from = end;
    }
  }

  /** Where the head of the next declaration ends, where its braces open, and where it ends itself. */
  function declaration(from, to) {
    let depth = 0;
    let header;
    let body;
    let value = false; // after = or =>, where only a semicolon ends it
    for (let i = from; i < to; i++) {
      const c = code[i];
      if (depth === 0 && "{;=".includes(c)) header ??= i;
      if (depth === 0 && c === ";") return { header, body, end: i + 1 };
      if (depth === 0 && c === "=") value = true;
      if (depth === 0 && c === "{" && !value) body ??= i;
      if ("([{".includes(c)) depth++;
      if (")]}".includes(c)) depth--;
      const closed = depth === 0 && c === "}" && !value;
      if (closed && !/^\s*[=;]/.test(code.slice(i + 1, i + 200))) return { header, body, end: i + 1 };
    }
    throw new Error(`no end of: ${text.slice(from, from + 200)}`);
  }

  /** The name before the parameters, or the last word of a property or a field. */
  function nameOf(head) {
    let plain = head;
    while (/<[^<>]*>/.test(plain)) plain = plain.replace(/<[^<>]*>/g, "");
    return (/(\w+)\s*\((?!.*\)\s*\w+\s*\()/s.exec(plain) ?? /(\w+)\s*$/.exec(plain))?.[1];
  }
}

/** The statements of a migration that create something, with their comments. */
function statements(text) {
  const create = /(?:^--.*\n)*^create (?:or replace )?(?:unique )?(?:function|trigger|view|table|index|type) (\w+)/gm;
  return [...text.matchAll(create)].map((match) => {
    const rest = text.slice(match.index + match[0].length);
    // The body of a function, between two $$, holds semicolons of its own.
    const end = /^(?:[^;$]|\$\$[\s\S]*?\$\$)*;/.exec(rest)[0];
    return { name: match[1], text: match[0] + end };
  });
}

const [before, after, way] = process.argv.slice(2);
if (!after || (way && !ways[way])) {
  console.error("node scripts/hops.mjs OLD NEW [NAME OF A BEHAVIOUR, for its files]");
  process.exit(1);
}

const number = (n) => n.toLocaleString("en-GB");
if (way) {
  for (const { files } of [measure(before, ways[way].before), measure(after, ways[way].after)]) {
    console.log("| file | lines | characters | without comments |\n|---|---|---|---|");
    for (const { file, lines, characters, code } of files) {
      console.log(`| ${file} | ${lines} | ${number(characters)} | ${number(code)} |`);
    }
    console.log();
  }
  process.exit();
}

console.log(
  "| | hops before | after | lines before | after | characters before | after | | without comments before | after | |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|---|");
for (const [name, lists] of Object.entries(ways)) {
  const old = measure(before, lists.before);
  const now = measure(after, lists.after);
  const pair = (what) => [number(old[what]), number(now[what])];
  const times = (what) => `× ${(now[what] / old[what]).toFixed(2)}`;
  const cells = [...pair("hops"), ...pair("lines"), ...pair("characters"), times("characters")];
  console.log(`| ${[name, ...cells, ...pair("code"), times("code")].join(" | ")} |`);
}
