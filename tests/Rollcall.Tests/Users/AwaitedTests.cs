using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>
/// An admin who adds a person known elsewhere sees the same as for a new person, until that person first comes.
/// </summary>
public sealed partial class AwaitedTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> KnownAs =>
        ["registered", "registered nowhere", "pending elsewhere", "paused", "support", "without a name"];

    private async Task<User> KnownAsync(string how)
    {
        var user = await app.Main.MakeUserAsync(
            "Nia",
            "Lloyd",
            registered: how != "pending elsewhere",
            support: how == "support"
        );
        if (how is not ("registered nowhere" or "support"))
        {
            await app.Main.JoinAsync(user, await app.Main.MakeOrganisationAsync());
        }

        if (how == "paused")
        {
            await app.Main.PauseAsync(user);
        }

        if (how == "without a name")
        {
            await app.InDbAsync(db =>
                db.Users.Where(u => u.Id == user.Id)
                    .ExecuteUpdateAsync(u =>
                        u.SetProperty(x => x.FirstName, (string?)null).SetProperty(x => x.LastName, (string?)null)
                    )
            );
        }

        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id && u.RegisteredAt != null)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt))
        );
        return user;
    }

    private async Task<(Client Client, Organisation Organisation, User Admin)> StartAsync()
    {
        var organisation = await app.Main.MakeOrganisationAsync("The organisation");
        var admin = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        return (await app.Client().SignInAsync(admin.Email), organisation, admin);
    }

    private async Task<Guid> PersonAsync(string email) =>
        await app.InDbAsync(db => db.Users.Where(u => u.EmailKey == email).Select(u => u.Id).SingleAsync());

    [GeneratedRegex(
        "(Handed over at|Waiting to be sent|Being sent)[^|]*?The invitation expire"
            + "|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|banner=[^&\"]+"
            + "|[0-9]{1,2}:[0-9]{2}(am|pm)?|person[0-9]+(@|%40)example.org",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex ChangeDetails();

    /// <summary>A page's text and links, without what differs between any two people.</summary>
    private static string Of(Page page, string email)
    {
        var links = page
            .Document.QuerySelectorAll("main a, main button")
            .Select(a => a.TextContent + a.GetAttribute("href"));
        var text = $"{page.Document.Title}|{page.Banner}|{page.Text()}|{string.Join(' ', links)}";
        return ChangeDetails().Replace(text.Replace(email, "EMAIL", StringComparison.OrdinalIgnoreCase), "…");
    }

    /// <summary>Everything that an admin can look at and do, page by page.</summary>
    private async Task<List<string>> SeenAsync(Client client, Organisation organisation, string email)
    {
        var seen = new List<string>();
        Page See(Page page)
        {
            seen.Add(Of(page, email));
            return page;
        }
        async Task<Page> GetAsync(string path) => See(await client.GetAsync(path));
        var check = See(await client.CheckUserAsync(organisation, AddPages.Person("Pat", "Person", email)));
        See(await check.SubmitAsync("Add user"));
        var id = await PersonAsync(email);
        await GetAsync(Links.Users(organisation.Id) + "?search=nia");
        await GetAsync(Links.Users(organisation.Id) + "?search=" + email);
        var csv = await (
            await client.RawAsync(new(HttpMethod.Get, Links.Users(organisation.Id, null, csv: true)))
        ).Content.ReadAsStringAsync(Stop);
        seen.Add(
            ChangeDetails()
                .Replace(
                    csv.Split("\r\n")
                        .Single(line => line.Contains(email, StringComparison.Ordinal))
                        .Replace(email, "EMAIL", StringComparison.Ordinal),
                    "…"
                )
        );
        await GetAsync(Links.User(organisation.Id, id));
        await GetAsync(Links.EditUser(organisation.Id, id));
        await GetAsync(Links.RemoveUser(organisation.Id, id));
        await GetAsync(Links.PauseUser(organisation.Id, id));
        await GetAsync(Links.ChangeAccess(organisation.Id, id));
        See(await (await GetAsync(Links.ResendInvitation(organisation.Id, id))).SubmitAsync("Resend invitation"));
        await app.Main.LetTimePassAsync(id, TimeSpan.FromHours(1));
        See(await (await GetAsync(Links.ResendInvitation(organisation.Id, id))).SubmitAsync("Resend invitation"));
        See(await (await client.GetAsync(Links.PauseUser(organisation.Id, id))).SubmitAsync("Pause user"));
        See(await (await GetAsync(Links.ResumeUser(organisation.Id, id))).SubmitAsync("Resume user"));
        See(
            await (
                await See(
                        await (await client.GetAsync(Links.EditUser(organisation.Id, id))).SubmitAsync(
                            "Continue",
                            new() { ["FirstName"] = "Patricia" }
                        )
                    )
                    .SubmitAsync("Save changes")
            ).FollowAsync("Users")
        );
        await GetAsync(Links.User(organisation.Id, id));
        var list = await See(
                await (await client.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
                    "Continue",
                    new() { ["Addresses"] = email, ["Role"] = Roles.Member }
                )
            )
            .FollowAsync("Change the list");
        Assert.NotNull(list);
        See(await (await client.GetAsync(Links.RemoveUser(organisation.Id, id))).SubmitAsync("Remove user"));
        See(await client.GetAsync(Links.UndoRemoval(organisation.Id, id)));
        return seen;
    }

    [Theory]
    [MemberData(nameof(KnownAs))]
    public async Task Trust18_B12_Every_page_about_a_person_known_elsewhere_reads_as_about_a_new_one(string how)
    {
        var known = await KnownAsync(how);
        var unknown = Some.Email();
        var first = await StartAsync();
        var second = await StartAsync();
        var ofNew = await SeenAsync(first.Client, first.Organisation, unknown);
        var ofKnown = await SeenAsync(second.Client, second.Organisation, known.Email);
        Assert.Equal(ofNew, ofKnown);
        Assert.DoesNotContain(
            ofKnown,
            page => page.Contains("Nia", StringComparison.Ordinal) && !page.Contains("nia", StringComparison.Ordinal)
        );
        var stored = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Id == known.Id));
        // and nothing of the account was changed
        Assert.Equal(how == "without a name" ? null : "Nia", stored.FirstName);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Trust18_Who_they_are_shows_once_they_open_the_organisation_and_not_when_they_sign_in_for_another(
        bool signsIn
    )
    {
        var (client, organisation, _) = await StartAsync();
        var known = await KnownAsync("registered");
        var theirs = await app.Client().SignInAsync(known.Email);
        await AddAsync(client, organisation, known.Email.ToUpperInvariant());
        var list = await client.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(["Ann Admin", "Pat Person"], list.Texts("tbody td:nth-child(1)"));
        Assert.Equal(["Active", "Pending"], list.Texts("tbody td:nth-child(3)"));
        Assert.Contains(known.Email.ToUpperInvariant(), list.Text(), StringComparison.Ordinal);
        Assert.Equal(
            ["Pat Person"],
            (await client.GetAsync(Links.Users(organisation.Id, MembershipStatus.Pending))).Texts(
                "tbody td:nth-child(1)"
            )
        );
        Assert.Contains(
            "Known as Nia Lloyd",
            (await (await app.SupportAsync()).GetAsync(Links.User(organisation.Id, known.Id))).Value("Account"),
            StringComparison.Ordinal
        );

        if (signsIn)
        {
            theirs = await app.Client().SignInAsync(known.Email); // to the organisation that they had
            list = await client.GetAsync(Links.Users(organisation.Id));
            Assert.Equal(["Ann Admin", "Pat Person"], list.Texts("tbody td:nth-child(1)"));
            Assert.Equal(["Active", "Pending"], list.Texts("tbody td:nth-child(3)"));
        }
        Assert.Equal(organisation.Name, (await theirs.GetAsync(Links.Organisation(organisation.Id))).Heading);
        list = await client.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(["Ann Admin", "Nia Lloyd"], list.Texts("tbody td:nth-child(1)"));
        Assert.Equal(["Active", "Active"], list.Texts("tbody td:nth-child(3)"));
        Assert.Equal(
            ["Nia Lloyd"],
            (await client.GetAsync(Links.Users(organisation.Id) + "?search=lloyd")).Texts("tbody td:nth-child(1)")
        );
        Assert.Contains(known.Email, list.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust18_Someone_without_another_organisation_lands_in_it_and_so_comes_by_signing_in()
    {
        var (client, organisation, _) = await StartAsync();
        var known = await KnownAsync("registered nowhere");
        await AddAsync(client, organisation, known.Email);
        await app.Client().SignInAsync(known.Email);
        Assert.Equal(
            ["Ann Admin", "Nia Lloyd"],
            (await client.GetAsync(Links.Users(organisation.Id))).Texts("tbody td:nth-child(1)")
        );
    }

    [Fact]
    public async Task Trust18_Someone_who_registers_comes_to_the_organisation_whose_link_they_used_alone()
    {
        var (one, first, _) = await StartAsync();
        var (two, second, _) = await StartAsync();
        var (three, third, _) = await StartAsync();
        var email = Some.Email();
        await AddAsync(one, first, email);
        await AddAsync(two, second, email);
        var invited = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == email));
        var link = await app.Main.LinkAsync(invited); // the newest: the second organisation's
        await AddAsync(three, third, email);
        var theirs = app.Client();
        var details = await (await theirs.GetAsync(link)).FollowAsync("Create an account");
        await details.SubmitAsync("Continue", Register.RegisterTests.Answers());
        async Task<string> StatusAsync(Client client, Organisation organisation) =>
            (await client.GetAsync(Links.User(organisation.Id, await PersonAsync(email)))).Value("Status");
        Assert.Equal("Active", await StatusAsync(one, first)); // who has known them as a new person
        Assert.Equal("Active", await StatusAsync(two, second));
        Assert.Equal("Pending", await StatusAsync(three, third));
        await theirs.GetAsync(Links.Organisation(third.Id));
        Assert.Equal("Active", await StatusAsync(three, third));
    }

    [Fact]
    public async Task Trust18_Signing_in_waits_for_no_organisation()
    {
        var (client, organisation, _) = await StartAsync();
        var known = await KnownAsync("registered");
        await AddAsync(client, organisation, known.Email);
        await app.InDbAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Stop);
            await db.LockAsync(organisation.Id);
            await app.Main.DoAsync<SignIns, int>(async signIns =>
            {
                await signIns.SignInAsync(known, SignInMethods.Password, DateTimeOffset.UtcNow);
                return 0;
            });
            return 0;
        });
    }

    private static Task<Page> AddAsync(Client client, Organisation organisation, string email) =>
        client.AddUserAsync(organisation, email, "Pat", "Person");

    [Fact]
    public async Task Trust18_The_number_in_a_persons_address_does_not_tell_when_they_became_known()
    {
        var (client, organisation, _) = await StartAsync();
        var one = Some.Email();
        var listed = Some.Email();
        await AddAsync(client, organisation, one);
        await (
            await (await client.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
                "Continue",
                new() { ["Addresses"] = listed, ["Role"] = Roles.Member }
            )
        ).SubmitAsync("Send 1 invitation");
        Guid[] ids = [await PersonAsync(one), await PersonAsync(listed), (await app.Main.MakeUserAsync()).Id];
        Assert.All(ids, id => Assert.Equal(4, id.Version)); // 7 holds the time
    }

    [Fact]
    public async Task Trust18_An_awaited_person_is_sent_the_notice_again_and_comes_in_the_list_of_the_expired()
    {
        var (client, organisation, admin) = await StartAsync();
        var known = await KnownAsync("registered");
        await AddAsync(client, organisation, known.Email);
        // no link is promised
        var resend = (await client.GetAsync(Links.ResendInvitation(organisation.Id, known.Id))).Text();
        Assert.Contains(
            $"We’ll email the invitation to {known.Email} again. Any link in an earlier invitation will "
                + "stop working. The invitation will expire at",
            resend,
            StringComparison.Ordinal
        );
        await app.InDbAsync(db =>
            db.Invitations.Where(i => i.UserId == known.Id)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.ExpiresAt, x => x.ExpiresAt!.Value.AddDays(-8)))
        );
        await app.Main.LetTimePassAsync(known.Id, TimeSpan.FromDays(8));
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.Awaited && m.UserId == known.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, x => x.ExpiresAt!.Value.AddDays(-8)))
        );
        Assert.Equal(
            ["Pat Person"],
            (await client.GetAsync(Links.Users(organisation.Id, MembershipStatus.Expired))).Texts(
                "tbody td:nth-child(1)"
            )
        );
        var viewer = Viewer.Of(admin);
        Assert.Equal(
            new Resent(1, 0, 0),
            (
                await app.Main.DoAsync<ResendExpired, Result<Resent>>(resend =>
                    resend.SendAsync(new(viewer, DateTimeOffset.UtcNow), organisation)
                )
            ).Value
        );
        Assert.Equal(
            ["added-to-another", "added-to-another"],
            await app.InDbAsync(db =>
                db.OutgoingMessages.Where(m => m.ToAddress == known.Email).Select(m => m.Kind).ToListAsync()
            )
        );
        Assert.Equal(
            ["Pat Person"],
            (await client.GetAsync(Links.Users(organisation.Id, MembershipStatus.Pending))).Texts(
                "tbody td:nth-child(1)"
            )
        );
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task Trust18_Another_address_is_taken_whether_it_is_known_elsewhere_or_not(bool from, bool to)
    {
        var (client, organisation, _) = await StartAsync();
        var old = from ? (await KnownAsync("registered")).Email : Some.Email();
        var next = to ? (await KnownAsync("registered")).Email : Some.Email();
        await AddAsync(client, organisation, old);
        var edit = await client.GetAsync(Links.EditUser(organisation.Id, await PersonAsync(old)));
        var check = await edit.SubmitAsync("Continue", new() { ["FirstName"] = "Patricia", ["Email"] = next });
        Assert.Equal(
            [
                $"We’ll email {next} to tell them they have been added to {organisation.Name} and how to sign in.",
                $"We’ll email {old} to tell them their invitation has been withdrawn.",
            ],
            check.Texts("main p").Where(p => p.StartsWith("We’ll email", StringComparison.Ordinal))
        );
        var saved = await check.SubmitAsync("Save changes");
        var toOld = await app.InDbAsync(db =>
            db.OutgoingMessages.Where(m => m.ToAddress == old && m.Kind != "added" && m.Kind != "added-to-another")
                .ToListAsync()
        );
        var told = Assert.IsType<Removed>(Email.FromJson(Assert.Single(toOld).Kind, toOld[0].Data));
        Assert.Equal(("Pat", false), (told.FirstName, told.EverSignedIn)); // as it was typed
        Assert.Equal(
            ("Patricia", next, "Pending"),
            (saved.Value("First name"), saved.Value("Email address"), saved.Value("Status"))
        );
        var members = await app.InDbAsync(db =>
            (
                from m in db.Memberships
                where m.OrganisationId == organisation.Id && m.RemovedAt == null
                join u in db.Users on m.UserId equals u.Id
                select u.Email
            ).ToListAsync()
        );
        Assert.Contains(next, members);
        Assert.DoesNotContain(old, members);
        Assert.Contains(
            to ? "added-to-another" : "added",
            await app.InDbAsync(db =>
                db.OutgoingMessages.Where(m => m.ToAddress == next).Select(m => m.Kind).ToListAsync()
            )
        );
        Assert.Equal(
            from ? 1 : 0,
            await app.InDbAsync(db => db.Users.CountAsync(u => u.Email == old && u.FirstName == "Nia"))
        ); // an account stays as it is
        var again = await (await client.GetAsync(Links.EditUser(organisation.Id, await PersonAsync(next)))).SubmitAsync(
            "Continue",
            new() { ["Email"] = members.Single(m => m != next) }
        );
        Assert.Equal(["Email address already in use"], again.Errors); // only among the organisation's own people
    }
}
