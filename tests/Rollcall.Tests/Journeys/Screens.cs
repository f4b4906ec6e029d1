using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Tests.Support;
using Rollcall.Tests.Users;

namespace Rollcall.Tests.Journeys;

/// <summary>
/// A page state: its path and what to do there. SignedInAs is null for no one, and empty if the person signs in on the
/// way.
/// </summary>
internal sealed record Screen(string Name, string? SignedInAs, string Path, Func<Window, Task>? Act = null)
{
    /// <summary>Where, if not at the instance that most tests share.</summary>
    public Instance? At { get; init; }
}

/// <summary>Every page in every state that looks different.</summary>
internal static class Screens
{
    private static Func<Window, Task> Press(string button) => window => window.PressAsync(button);

    private static Func<Window, Task> Follow(string link) => window => window.FollowAsync(link);

    private static Func<Window, Task> Fill(string button, string first, string last, string email) =>
        async window =>
        {
            await window.FillAsync("First name", first);
            await window.FillAsync("Last name", last);
            await window.FillAsync("Email address", email);
            await window.PressAsync(button);
        };

    private static Func<Window, Task> Invite(string addresses) =>
        async window =>
        {
            await window.FillAsync("Email addresses", addresses);
            await window.ChooseRoleAsync();
        };

    private static Func<Window, Task> Then(params Func<Window, Task>[] steps) =>
        async window =>
        {
            foreach (var step in steps)
            {
                await step(window);
            }
        };

    /// <summary>Arrives from the provider as a person who is new to this window.</summary>
    /// <param name="invitation">The link that they opened before.</param>
    private static Func<Window, Task> FromProvider(string subject, string? invitation = null) =>
        async window =>
        {
            await window.Page.Context.ClearCookiesAsync();
            await window.GoAsync(invitation ?? Links.SignInWith(IdentityProvider.Key));
            await window.PressAsync(invitation is null ? "Continue" : "Sign in with Stand-in");
            await window.Page.Locator("input[name=login]").FillAsync(subject);
            await window.Page.Locator("input[name=password]").FillAsync("anything");
            await window.PressAsync("Sign-in");
        };

    public static async Task<List<Screen>> MainAsync(TheApp app)
    {
        var longName = Some.Name("a").Replace(" ", "", StringComparison.Ordinal).PadRight(64, 'a');
        var longEmail = $"{longName}@{new string('b', 60)}.{new string('c', 60)}.example";
        var support = await app.Main.MakeUserAsync("Sam", "Support", support: true);
        var stranger = await app.Main.MakeUserAsync();
        var busy = await app.Main.MakeOrganisationAsync(Some.Name("Busy school"));
        var empty = await app.Main.MakeOrganisationAsync(Some.Name("Empty school"));
        var alone = await app.Main.MakeOrganisationAsync();
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == alone.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.Code, Some.Name("CODE")))
        );
        await RecordAsync(
            app,
            alone,
            new OrganisationCreated(alone.Name, "CODE"),
            new OrganisationChanged(
                new(alone.Name, "CODE", BulkInvitationsADay: null),
                new(new string('W', Organisation.LongestName), Code: null, BulkInvitationsADay: 500)
            ),
            new AreaNamed(From: null, "Finance"),
            new SecondFactorDemanded(true),
            new ListInvited(Guid.Empty, Added: 38, Of: 40),
            new UsersExported(Status: null, "", Users: 1200)
        );
        var member = await app.Main.MemberOfAsync(alone);
        await app.Main.JoinAsync(support, alone);
        foreach (var i in Enumerable.Range(1, 30))
        {
            await app.Main.JoinAsync(
                await app.Main.MakeUserAsync($"Person {i:00}", "Smith", registered: i % 3 != 0),
                busy
            );
        }

        var awkward = await app.Main.MakeUserAsync(
            new string('W', 60),
            "Llanfairpwllgwyngyll van der Berg-Nguyễn",
            longEmail
        );
        var awkwardMembership = await app.Main.JoinAsync(awkward, alone);
        await app.Main.JoinAsync(awkward, busy);
        await app.InDbAsync(async db =>
        {
            awkwardMembership.PausedAt = awkwardMembership.AddedAt;
            db.Update(awkwardMembership);
            return await db.SaveChangesAsync();
        });
        var paused = await app.Main.MakeUserAsync();
        var pausedMembership = await app.Main.JoinAsync(paused, alone);
        await app.InDbAsync(async db =>
        {
            pausedMembership.PausedAt = pausedMembership.AddedAt;
            db.Update(pausedMembership);
            return await db.SaveChangesAsync();
        });
        var pausedAccount = await app.Main.MakeUserAsync();
        await app.Main.PauseAsync(pausedAccount);
        var invitedToSupport = await app.Main.MakeUserAsync(registered: false, support: true);
        var strictly = await app.Main.MakeOrganisationAsync();
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == strictly.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SignInMethods, new[] { "password" }))
        );
        var both = await app.Main.MemberOfAsync(strictly);
        await app.Main.JoinAsync(both, alone);
        var bothSubject = await app.Provider.PersonAsync(both.Email);
        var person = await app.Main.MemberOfAsync(alone, "Ada", "Lovelace");
        var email = support.Email;
        var undone = await app.Main.MakeUserAsync("Ursula", "Undone");
        var ended = await app.Main.JoinAsync(undone, alone);
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.Id == ended.Id)
                .ExecuteUpdateAsync(m =>
                    m.SetProperty(x => x.RemovedAt, x => x.AddedAt).SetProperty(x => x.RemovedBy, support.Id)
                )
        );
        var away = await app.Main.MemberOfAsync(busy, "Long", "Away");
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == away.Id || u.Id == awkward.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddYears(-1)))
        );
        var colleague = await app.Main.MakeUserAsync("Coll", "League", support: true);
        var several = await app.Main.AdminOfAsync(alone);
        await app.Main.JoinAsync(several, busy);
        var left = await app.Main.JoinAsync(several, empty);
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.Id == left.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.RemovedAt, x => x.AddedAt))
        );
        var invited = await app.Main.InviteAsync(alone, Roles.Admin);
        var strict = await app.Main.InviteAsync(secondFactor: true);
        var used = await app.Main.InviteAsync();
        var expired = await app.Main.InviteAsync();
        var withdrawn = await app.Main.InviteAsync();
        var pausedInvitation = await app.Main.InviteAsync();
        var superseded = await app.Main.InviteAsync();
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == used.User.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, x => x.CreatedAt))
        );
        async Task EndAsync(Invited whose, System.Linq.Expressions.Expression<Func<Invitation, DateTimeOffset?>> how) =>
            await app.InDbAsync(db =>
                db.Invitations.Where(i => i.UserId == whose.User.Id)
                    .ExecuteUpdateAsync(i => i.SetProperty(how, (DateTimeOffset?)DateTimeOffset.UtcNow))
            );
        await EndAsync(used, i => i.AcceptedAt);
        await EndAsync(expired, i => i.ExpiresAt);
        await EndAsync(withdrawn, i => i.WithdrawnAt);
        await EndAsync(superseded, i => i.SupersededAt);
        await app.Main.PauseAsync(pausedInvitation.User);
        var merged = await app.Main.MakeUserAsync();
        var twice = await app.Main.MemberOfAsync(busy);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == merged.Id)
                .ExecuteUpdateAsync(u =>
                    u.SetProperty(x => x.MergedInto, twice.Id).SetProperty(x => x.MergedAt, x => x.CreatedAt)
                )
        );
        var hash = app.Main.Services.GetRequiredService<Passwords>().Hash("correct horse battery");
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == member.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, hash).SetProperty(x => x.EmailCodes, true))
        );
        var passkey = await app.InDbAsync(async db =>
        {
            var made = new Passkey
            {
                UserId = member.Id,
                CredentialId = Guid.NewGuid().ToByteArray(),
                PublicKey = [],
                SignCount = 0,
                Transports = [],
                IsBackupEligible = false,
                IsBackedUp = false,
                Name = new string('W', 60),
                CreatedAt = member.CreatedAt,
            };
            db.Add(made);
            await db.SaveChangesAsync();
            return made;
        });
        var area = await app.Main.MakeAreaAsync(alone, new string('W', 100));
        var noWay = await app.Main.MakeUserAsync();
        var notWaitedFor = await app.Main.InviteAsync(secondFactor: true);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == noWay.Id)
                .ExecuteUpdateAsync(u =>
                    u.SetProperty(x => x.PasswordHash, hash)
                        .SetProperty(x => x.EmailCodes, true)
                        .SetProperty(x => x.PasswordResetAt, x => x.CreatedAt)
                )
        );
        Func<Window, Task> create = Then(
            w => w.FillAsync("Mobile phone number", "07700 900123"),
            w => w.FillAsync("Create a password", "correct horse battery"),
            Press("Continue")
        );
        Func<Window, Task> password = Then(
            w => w.FillAsync("Email address", member.Email),
            w => w.FillAsync("Password", "correct horse battery"),
            Press("Sign in")
        );
        var add = Links.AddUser(alone.Id);
        return
        [
            new("sign in", null, "/sign-in"),
            new("demonstration sign in", null, "/dev/sign-in"),
            new(
                "demonstration sign in, unknown",
                null,
                "/dev/sign-in",
                Then(w => w.FillAsync("Email address", "unknown@example.org"), Press("Sign in with this email address"))
            ),
            new("sign in, empty", null, "/sign-in", Press("Sign in")),
            new(
                "sign in, wrong",
                null,
                "/sign-in",
                Then(
                    w => w.FillAsync("Email address", "unknown@example.org"),
                    w => w.FillAsync("Password", "wrong"),
                    Press("Sign in")
                )
            ),
            new("second factor", null, "/sign-in", password),
            new(
                "second factor, wrong",
                null,
                "/sign-in",
                Then(password, w => w.FillAsync("Security code", "000000"), Press("Continue"))
            ),
            new("forgotten password", null, "/forgot-password"),
            new("forgotten password, empty", null, "/forgot-password", Press("Send link")),
            new(
                "forgotten password, sent",
                null,
                "/forgot-password",
                Then(w => w.FillAsync("Email address", "unknown@example.org"), Press("Send link"))
            ),
            new("reset link, wrong", null, "/reset-password/nothing"),
            new("confirm address, wrong", null, "/account/email/nothing"),
            new("invitation", null, invited.Link),
            new("invitation, expired", null, expired.Link),
            new("invitation, used", null, used.Link),
            new("invitation, withdrawn", null, withdrawn.Link),
            new("invitation, superseded", null, superseded.Link),
            new("invitation, sent a moment ago", null, superseded.Link, Press("Resend the newest link")),
            new("invitation, paused", null, pausedInvitation.Link),
            new("invitation, unknown", null, "/register/nothing"),
            new("invitation, for another person", email, invited.Link),
            new("create an account", null, invited.Link + "/details"),
            new(
                "create an account, empty",
                null,
                invited.Link + "/details",
                Then(w => w.FillAsync("First name", ""), w => w.FillAsync("Last name", ""), Press("Continue"))
            ),
            new("choose a second factor", "", strict.Link + "/details", create),
            new("choose a second factor, none", "", "/account/second-factor", Press("Continue")),
            new("set up text messages", "", "/account/second-factor/text"),
            new(
                "set up text messages, wrong",
                "",
                "/account/second-factor/text?another=true",
                Then(w => w.FillAsync("Mobile phone number", "020 7946 0000"), Press("Send a code"))
            ),
            new(
                "set up text messages, code",
                "",
                "/account/second-factor/text?another=true",
                Then(w => w.FillAsync("Mobile phone number", "07700 900124"), Press("Send a code"))
            ),
            new("set up codes by email", "", "/account/second-factor/email"),
            new("set up an authenticator app", "", "/account/second-factor/authenticator"),
            new("set up an authenticator app, wrong", "", "/account/second-factor/authenticator", Press("Continue")),
            new("your account", email, "/account"),
            new("your name", email, "/account/name"),
            new("your account is ready", several.Email, "/account/ready"),
            new("your address", email, "/account/email"),
            new(
                "your address, sent",
                email,
                "/account/email",
                Then(w => w.FillAsync("New email address", Some.Email()), Press("Continue"))
            ),
            new("your mobile", email, "/account/mobile"),
            new("your password", email, "/account/password"),
            new("your sessions", email, "/account/sessions"),
            new("sign out everywhere", email, "/account/sessions/sign-out"),
            new("your recovery codes", email, "/account/recovery-codes"),
            new("your recovery codes, made", email, "/account/recovery-codes", Press("Make recovery codes")),
            new("your passkeys, none", email, "/account/passkeys"),
            new("add a passkey", email, "/account/passkeys/add"),
            new("your passkeys", member.Email, "/account/passkeys"),
            new("rename a passkey", member.Email, Links.RenamePasskey(passkey.Id)),
            new(
                "rename a passkey, empty",
                member.Email,
                Links.RenamePasskey(passkey.Id),
                Then(w => w.FillAsync("Name", ""), Press("Save"))
            ),
            new("remove a passkey", member.Email, Links.RemovePasskey(passkey.Id)),
            new("passkey refused", null, "/sign-in", w => w.SubmitHiddenAsync("form[data-passkey]")),
            new("second factor, passkey", null, "/sign-in", Then(password, Follow("Use a passkey"))),
            new("remove codes by text message", email, "/account/second-factor/text/remove"),
            new("confirm that it is you", email, "/sign-in?again=true"),
            new("how people sign in", email, Links.SignInRules(alone.Id)),
            new("history of an organisation", email, Links.History(alone.Id)),
            new("history of an organisation, empty", email, Links.History(empty.Id)),
            new("sign in with a provider", null, Links.SignInWith(IdentityProvider.Key)),
            new("sign in with a provider, cancelled", null, Links.SignInWith(IdentityProvider.Key, "cancelled")),
            new("sign in with a provider, unavailable", null, Links.SignInWith(IdentityProvider.Key, "unavailable")),
            new("sign in with a provider, failed", null, Links.SignInWith(IdentityProvider.Key, "failed")),
            new(
                "another way to sign in",
                null,
                "/help",
                Then(FromProvider(bothSubject), w => w.GoAsync(Links.Organisation(strictly.Id)))
            ),
            new(
                "use this address",
                null,
                "/help",
                FromProvider(await app.Provider.PersonAsync(longEmail.Replace('a', 'y')), invited.Link)
            ),
            new("invitation for another person", null, "/help", FromProvider(bothSubject, invited.Link)),
            new(
                "connect a provider, sign in first",
                null,
                "/help",
                FromProvider(await app.Provider.PersonAsync(member.Email))
            ),
            new(
                "connect a provider",
                null,
                "/help",
                Then(
                    FromProvider(await app.Provider.PersonAsync(member.Email)),
                    w => w.SignInAsync(member.Email),
                    w => w.GoAsync("/sign-in/connect")
                )
            ),
            new(
                "connect a provider, another account",
                null,
                "/help",
                Then(
                    FromProvider(await app.Provider.PersonAsync(member.Email)),
                    w => w.SignInAsync(person.Email),
                    w => w.GoAsync("/sign-in/connect")
                )
            ),
            new(
                "invitation to manage users without its link",
                null,
                "/help",
                FromProvider(await app.Provider.PersonAsync(invited.User.Email))
            ),
            new(
                "not recognised",
                null,
                "/help",
                FromProvider(await app.Provider.PersonAsync(longEmail.Replace('a', 'z')))
            ),
            new(
                "not recognised, wrong",
                null,
                "/help",
                Then(FromProvider(await app.Provider.PersonAsync(null)), Press("Resend the invitation"))
            ),
            new(
                "not recognised, sent",
                null,
                "/help",
                Then(
                    FromProvider(await app.Provider.PersonAsync(Some.Email())),
                    w => w.FillAsync("Email address your invitation was sent to", Some.Email()),
                    Press("Resend the invitation")
                )
            ),
            new("paused", null, "/help", FromProvider(await app.Provider.PersonAsync(paused.Email))),
            new("no terms", null, "/terms"),
            new("no terms, declined", null, "/terms/declined"),
            new("no versions of the terms", email, "/terms/versions"),
            new("first version of the terms, empty", email, "/terms/publish", Press("Continue")),
            new("support users", email, "/support-users"),
            new("send a support user the invitation again", email, $"/support-users/{invitedToSupport.Id}/resend"),
            new("add support user", email, "/support-users/add"),
            new("add support user, empty", email, "/support-users/add", Press("Continue")),
            new(
                "check the support user",
                email,
                "/support-users/add",
                Fill("Continue", "Grace", "Hopper", Some.Email())
            ),
            new(
                "check the support user, known",
                email,
                "/support-users/add",
                Fill("Continue", "Grace", "Hopper", member.Email)
            ),
            new(
                "support user added",
                email,
                "/support-users/add",
                Then(Fill("Continue", "Grace", "Hopper", Some.Email()), Press("Add support user"))
            ),
            new("how a user signs in", email, Links.ResetSignIn(member.Id, Links.SupportUsers)),
            new("how a user signs in, empty", email, Links.ResetSignIn(member.Id, Links.SupportUsers), Press("Remove")),
            new("how a user signs in, nothing", email, Links.ResetSignIn(colleague.Id, Links.SupportUsers)),
            new("how one signs in oneself", email, Links.ResetSignIn(support.Id, Links.SupportUsers)),
            new(
                "second factor, no way",
                null,
                "/sign-in",
                Then(
                    w => w.FillAsync("Email address", noWay.Email),
                    w => w.FillAsync("Password", "correct horse battery"),
                    Press("Sign in")
                )
            ),
            new("second factor, too late", null, "/sign-in?why=too-slow"),
            new(
                "registration, not waited for",
                "",
                "/help",
                Then(
                    w => w.Page.Context.ClearCookiesAsync(),
                    w => w.GoAsync(notWaitedFor.Link + "/details"),
                    create,
                    async w =>
                    {
                        await app.InDbAsync(db =>
                            db.Memberships.Where(m => m.UserId == notWaitedFor.User.Id)
                                .ExecuteUpdateAsync(m => m.SetProperty(x => x.PausedAt, x => x.AddedAt))
                        );
                        await w.GoAsync(Links.FinishRegistration);
                    }
                )
            ),
            new("remove support user", email, Links.RemoveSupportUser(colleague.Id)),
            new("support user removed", email, Links.RemoveSupportUser(colleague.Id), Press("Remove support user")),
            new("remove oneself from support", email, Links.RemoveSupportUser(support.Id)),
            new("several organisations", several.Email, "/organisations"),
            new("one of several organisations", several.Email, Links.Organisation(alone.Id)),
            new("removed from one of several organisations", several.Email, Links.Organisation(empty.Id)),
            new("help", null, "/help"),
            new("privacy", null, "/privacy"),
            new("cookies", null, "/cookies"),
            new("accessibility statement", null, "/accessibility"),
            new("not found", null, "/nowhere"),
            new("forbidden", null, ErrorPages.At(403)),
            new("bad request", null, ErrorPages.At(400)),
            new("conflict", null, ErrorPages.At(409)),
            new("too many", null, ErrorPages.At(429)),
            new("problem", null, ErrorPages.At(500)),
            new("unavailable", null, ErrorPages.At(503)),
            new("signed out", null, "/sign-out"),
            new("clock", null, "/dev/clock"),
            new("clock, wrong", null, "/dev/clock", Press("Move the clock")),
            new("mailbox", null, "/dev/mailbox"),
            new("no organisation", stranger.Email, "/organisations"),
            new("paused, signed in", paused.Email, "/organisations"),
            new("member's organisation", member.Email, Links.Organisation(alone.Id)),
            new("sign in, already", email, "/sign-in"),
            new("sign out", email, "/sign-out"),
            new("organisations", email, "/organisations"),
            new("organisations, found", email, "/organisations?search=school"),
            new("organisations, none found", email, "/organisations?search=nowhere"),
            new("create an organisation", email, "/organisations/create"),
            new("create an organisation, wrong", email, "/organisations/create", Press("Create organisation")),
            new(
                "organisation created",
                email,
                "/organisations/create",
                Then(w => w.FillAsync("Name", Some.Name("Created")), Press("Create organisation"))
            ),
            new("organisation", email, Links.Organisation(alone.Id)),
            new("users, none", email, Links.Users(empty.Id)),
            new("users, page 1", email, Links.Users(busy.Id)),
            new("users, page 2", email, Links.Users(busy.Id) + "?page=2"),
            new("users, awkward", email, Links.Users(alone.Id)),
            new("users, expired", email, Links.Users(busy.Id, MembershipStatus.Expired)),
            new("users, found", email, Links.Users(busy.Id, null, "person smith")),
            new("users, none found", email, Links.Users(busy.Id, MembershipStatus.Active, "nowhere")),
            new("users, to an admin", several.Email, Links.Users(alone.Id)),
            new("user, pending", several.Email, Links.User(alone.Id, invited.User.Id)),
            new("service areas", several.Email, Links.Areas(alone.Id)),
            new("service areas, wrong", several.Email, Links.Areas(alone.Id), Press("Add")),
            new("rename a service area", several.Email, Links.Areas(alone.Id) + $"?rename={area.Id}"),
            new("remove a service area", several.Email, $"{Links.Areas(alone.Id)}/{area.Id}/remove"),
            new("invite users", several.Email, Links.InviteUsers(alone.Id)),
            new("invite users, empty", several.Email, Links.InviteUsers(alone.Id), Press("Continue")),
            new(
                "check who to invite",
                several.Email,
                Links.InviteUsers(alone.Id),
                Invite(
                    $"{Some.Email()}\nnot an address\n{support.Email}\n{invited.User.Email}, "
                        + $"{support.Email}\n{longEmail}"
                )
            ),
            new("check who to invite, none", several.Email, Links.InviteUsers(alone.Id), Invite("not an address")),
            new(
                "invitations sent",
                several.Email,
                Links.InviteUsers(alone.Id),
                Then(
                    Invite($"{Some.Email()}\nnot an address\n{support.Email}\n{longEmail.Replace('a', 'v')}"),
                    Press("Send 2 invitations")
                )
            ),
            new("pause user", email, Links.PauseUser(alone.Id, person.Id)),
            new("pause oneself", email, Links.PauseUser(alone.Id, support.Id)),
            new("resume user", email, Links.ResumeUser(alone.Id, awkward.Id)),
            new("send again", email, Links.ResendInvitation(alone.Id, invited.User.Id)),
            new("send all again, none", email, Links.ResendExpired(busy.Id)),
            new(
                "send again, a moment ago",
                email,
                Links.ResendInvitation(alone.Id, invited.User.Id),
                Press("Resend invitation")
            ),
            new("change role", email, Links.ChangeAccess(alone.Id, person.Id)),
            new("user", email, Links.User(alone.Id, person.Id)),
            new("user, awkward", email, Links.User(alone.Id, awkward.Id)),
            new("user, oneself", email, Links.User(alone.Id, support.Id)),
            new("add user", email, add),
            new("add user, empty", email, add, Press("Continue")),
            new(
                "add user, wrong",
                email,
                add,
                Fill("Continue", new string('x', 101), "evil.example.com", "not an address")
            ),
            new("add user, in use", email, add, Fill("Continue", "Ada", "Lovelace", person.Email)),
            new("what the new user can do", email, add, Fill("Continue", new string('W', 60), "Hopper", Some.Email())),
            new(
                "what the new user can do, none",
                email,
                add,
                Then(Fill("Continue", "Grace", "Hopper", Some.Email()), Press("Continue"))
            ),
            new(
                "check the new user",
                email,
                add,
                Then(Fill("Continue", "Grace", "Hopper", Some.Email()), w => w.ChooseRoleAsync())
            ),
            new(
                "check the new user, awkward",
                email,
                add,
                Then(
                    Fill("Continue", new string('W', 60), "Hopper", longEmail.Replace('a', 'x')),
                    w => w.ChooseRoleAsync()
                )
            ),
            new(
                "user added",
                email,
                add,
                Then(Fill("Continue", "Grace", "Hopper", Some.Email()), w => w.ChooseRoleAsync(), Press("Add user"))
            ),
            new("all users", email, Links.Everyone),
            new("all users, found", email, Links.Everyone + "?search=smith"),
            new("all users, none found", email, Links.Everyone + "?search=nowhere"),
            new("a person", email, Links.Person(awkward.Id)),
            new("pause an account", email, $"{Links.Person(awkward.Id)}/pause"),
            new("resume an account", email, $"{Links.Person(pausedAccount.Id)}/resume"),
            new("a person, paused", email, Links.Person(pausedAccount.Id)),
            new("a person, none", email, Links.Person(stranger.Id)),
            new("merge, which other record", email, Links.Merge(awkward.Id)),
            new("merge, which other record, empty", email, Links.Merge(awkward.Id), Press("Continue")),
            new("merge, check", email, Links.Merge(awkward.Id, twice.Id)),
            new("merge, not checked", email, Links.Merge(awkward.Id, twice.Id), Press("Merge records")),
            new("merge, refused", email, Links.Merge(awkward.Id, support.Id)),
            new("a person, merged", email, Links.Person(merged.Id)),
            new("add person", email, Links.AddPerson()),
            new("add person, empty", email, Links.AddPerson(), Press("Continue")),
            new(
                "organisation of a person",
                email,
                Links.AddPerson(),
                Fill("Continue", "Grace", "Hopper", Some.Email())
            ),
            new(
                "organisation of a person, none found",
                email,
                Links.AddPerson(),
                Then(
                    Fill("Continue", "Grace", "Hopper", awkward.Email),
                    w => w.FillAsync("Search by name or code", "nowhere"),
                    Press("Search")
                )
            ),
            new(
                "organisation of a person, found",
                email,
                Links.AddPerson(),
                Then(
                    Fill("Continue", "Grace", "Hopper", awkward.Email),
                    w => w.FillAsync("Search by name or code", "Busy school"),
                    Press("Search"),
                    Press("Continue")
                )
            ),
            new("change details", email, Links.EditUser(alone.Id, awkward.Id)),
            new("change details, wrong", email, Links.EditUser(alone.Id, person.Id), Fill("Continue", "", "", "")),
            new(
                "check the changes",
                email,
                Links.EditUser(alone.Id, person.Id),
                Fill("Continue", "Augusta", "King", Some.Email())
            ),
            new(
                "another admin was faster",
                email,
                Links.EditUser(alone.Id, person.Id),
                Then(
                    Fill("Continue", "Slow", "King", Some.Email()),
                    async _ =>
                        await app.InDbAsync(db =>
                            db.Users.Where(u => u.Id == person.Id)
                                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastName, Some.Name("Fast")))
                        ),
                    Press("Save changes")
                )
            ),
            new(
                "details changed",
                email,
                Links.EditUser(alone.Id, person.Id),
                Then(w => w.FillAsync("First name", Some.Name("Augusta")), Press("Continue"), Press("Save changes"))
            ),
            new("remove user", email, Links.RemoveUser(alone.Id, awkward.Id)),
            new("remove oneself", email, Links.RemoveUser(alone.Id, support.Id)),
            new("user removed", email, Links.RemoveUser(alone.Id, person.Id), Press("Remove user")),
            new("undo a removal", email, Links.UndoRemoval(alone.Id, undone.Id)),
            new("undo a removal, too late", several.Email, Links.UndoRemoval(alone.Id, undone.Id)),
            new("review access", email, Links.ReviewAccess(busy.Id)),
            new("review access, nothing chosen", email, Links.ReviewAccess(busy.Id), Press("Save")),
            new(
                "review access, check",
                email,
                Links.ReviewAccess(busy.Id),
                Then(
                    async w => await w.Page.GetByLabel("Remove", new() { Exact = false }).First.CheckAsync(),
                    Press("Save")
                )
            ),
            new("review access, not a number", email, Links.ReviewAccess(busy.Id) + "?months=abc"),
            new("review access, none", email, Links.ReviewAccess(empty.Id)),
            new(
                "create a namesake",
                email,
                "/organisations/create",
                Then(w => w.FillAsync("Name", alone.Name), Press("Create organisation"))
            ),
            new(
                "create a namesake, no code",
                email,
                "/organisations/create",
                Then(w => w.FillAsync("Name", alone.Name), Press("Create organisation"), Press("Create another"))
            ),
            new(
                "rename to a namesake",
                email,
                Links.EditOrganisation(empty.Id),
                Then(w => w.FillAsync("Name", alone.Name), Press("Save"))
            ),
            new("change the organisation", email, Links.EditOrganisation(alone.Id)),
            new(
                "change the organisation, wrong",
                email,
                Links.EditOrganisation(alone.Id),
                Then(
                    w => w.FillAsync("Name", ""),
                    w => w.FillAsync("Daily limit for bulk invitations (optional)", "many"),
                    Press("Save")
                )
            ),
            new(
                "email",
                email,
                "/dev/mailbox",
                async w =>
                {
                    await w.GoUntilAsync("/dev/mailbox", w.Page.Locator("tbody a"));
                    await w.FollowAsync(await w.Page.Locator("tbody a").First.InnerTextAsync());
                }
            ),
        ];
    }

    /// <summary>Terms apply to everyone, so their pages are checked on an instance of their own.</summary>
    public static async Task<List<Screen>> WithTermsAsync(Instance host)
    {
        const string Text =
            "# Using the service\n\nBe **kind**. Read [the guidance](https://example.com/guidance).\n\n- "
            + "one\n- two\n\n> quoted\n\n1. "
            + "first\n\n---\n\nhttps://example.com/an-address-without-any-space-that-goes-on-and-on-and-on-and-on";
        await TermsAndConditions.AcceptTests.PublishAsync(host, Text);
        var member = await host.MakeUserAsync();
        var support = await host.MakeUserAsync("Sam", "Support", support: true);
        var other = await host.MakeUserAsync(support: true);
        Screen At(string name, string? who, string path, Func<Window, Task>? act = null) =>
            new(name, who, path, act) { At = host };
        return
        [
            At("terms", null, "/terms"),
            At("terms, to be accepted", member.Email, "/account"),
            At("terms, declined", other.Email, "/account", Press("I do not accept")),
            At("terms, accepted", support.Email, "/account", Press("Accept and continue")),
            At("terms, versions", support.Email, "/terms/versions"),
            At("terms, a version", support.Email, "/terms/versions/1"),
            At("terms, publish", support.Email, "/terms/publish"),
            At("terms, publish, the same", support.Email, "/terms/publish", Press("Continue")),
            At(
                "terms, check",
                support.Email,
                "/terms/publish",
                Then(w => w.FillAsync("Text", Text + "\n\nMore."), Press("Continue"))
            ),
            At(
                "terms, published",
                support.Email,
                "/terms/publish",
                Then(w => w.FillAsync("Text", Text + "\n\nMore."), Press("Continue"), Press("Publish"))
            ),
            At(
                "terms, published since",
                support.Email,
                "/account",
                async w =>
                {
                    await TermsAndConditions.AcceptTests.PublishAsync(host, Text + "\n\nEven more.");
                    await w.PressAsync("Accept and continue");
                }
            ),
        ];
    }

    private static Task<int> RecordAsync(TheApp app, Organisation organisation, params Event[] events) =>
        app.InDbAsync(db =>
        {
            db.AddRange(
                events.Select(
                    (happened, minute) =>
                        new AuditEvent
                        {
                            At = organisation.CreatedAt.AddMinutes(minute),
                            Kind = happened.Kind,
                            ActorName = "Sam Support",
                            OrganisationId = organisation.Id,
                            Data = happened.ToJson(),
                        }
                )
            );
            return db.SaveChangesAsync();
        });
}
