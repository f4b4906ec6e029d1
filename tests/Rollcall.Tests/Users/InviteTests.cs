using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Addresses;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;
using Rollcall.Users.Invite;

namespace Rollcall.Tests.Users;

/// <summary>
/// Inviting many people: what is shown before anything is sent, what is sent, and what is reported afterwards.
/// </summary>
public sealed class InviteTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<(Client Client, User Admin, Organisation Organisation)> StartAsync()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        return (await app.Client().SignInAsync(admin.Email), admin, organisation);
    }

    private static async Task<Page> ListAsync(
        Client client,
        Organisation organisation,
        string addresses,
        string role = Roles.Member
    ) =>
        await (await client.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
            "Continue",
            new() { ["Addresses"] = addresses, ["Role"] = role }
        );

    private Task<int> MembersAsync(Organisation organisation) =>
        app.InDbAsync(db => db.Memberships.CountAsync(m => m.OrganisationId == organisation.Id && m.RemovedAt == null));

    [Fact]
    public async Task S4_1_S4_2_S4_3_S4_6_S4_7_S4_8_S4_9_A_list_is_checked_sent_once_and_what_was_not_sent_is_listed()
    {
        var (client, admin, organisation) = await StartAsync();
        var active = await app.Main.MakeUserAsync();
        var pending = await app.Main.MakeUserAsync(registered: false);
        var expired = await app.Main.MakeUserAsync(registered: false);
        var paused = await app.Main.MakeUserAsync();
        foreach (var user in new[] { active, pending, expired, paused })
        {
            await app.Main.JoinAsync(user, organisation);
        }

        var elsewhere = await app.Main.MemberOfAsync(await app.Main.MakeOrganisationAsync(), "Known", "Elsewhere");
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == expired.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, x => x.AddedAt))
        );
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == paused.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.PausedAt, x => x.AddedAt))
        );
        var one = Some.Email();
        var two = Some.Email();
        var form = await (await client.GetAsync(Links.Users(organisation.Id))).FollowAsync("Invite users");
        var check = await form.SubmitAsync(
            "Continue",
            new()
            {
                ["Addresses"] =
                    $"{one}\r\n{two}, {one.ToUpperInvariant()}\n{active.Email}\n{pending.Email}\n{expired.Email}\n"
                    + $"{paused.Email}\n{elsewhere.Email}\n{admin.Email}\nnot-an-address",
                ["Role"] = Roles.Member,
            }
        );
        Assert.EndsWith("Check who to invite", check.Heading, StringComparison.Ordinal);
        Assert.Contains("We found 8 email addresses.", check.Text(), StringComparison.Ordinal);
        Assert.Contains("3 people will be invited", check.Text(), StringComparison.Ordinal);
        Assert.Contains("5 people already in", check.Text(), StringComparison.Ordinal);
        Assert.Contains("1 email address listed twice", check.Text(), StringComparison.Ordinal);
        Assert.Contains("Line 9: not-an-address", check.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("Known", check.Text(), StringComparison.Ordinal); // Trust18
        foreach (
            var words in new[] { "have not created an account yet", "The invitation has expired", "They are paused" }
        )
        {
            Assert.Contains(words, check.Text(), StringComparison.Ordinal);
        }

        Assert.Equal(5, await MembersAsync(organisation)); // nothing yet

        // R11: two clicks and a retry at the same instant.
        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => check.SubmitAsync("Send 3 invitations")));
        Assert.All(results, r => Assert.Equal("3 invitations sent", r.Heading));
        var result = await client.GetAsync(check.Path);
        Assert.Equal(7, result.Texts("tbody tr").Count);
        Assert.Contains($"Already in {organisation.Name}. They are paused", result.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("had an account", result.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("already had", result.Text(), StringComparison.Ordinal);
        Assert.Equal(8, await MembersAsync(organisation));
        var kinds = await app.InDbAsync(db =>
            db.OutgoingMessages.Where(m => m.ToAddress == one || m.ToAddress == two || m.ToAddress == elsewhere.Email)
                .OrderBy(m => m.Kind)
                .Select(m => m.Kind)
                .ToListAsync()
        );
        Assert.Equal(["added", "added", "added-to-another"], kinds);
        Assert.Equal(
            3,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e =>
                    e.OrganisationId == organisation.Id
                    && e.Kind == Event.KindOf<MemberAdded>()
                    && e.ActorId == admin.Id
                )
            )
        );

        // And later: it sends nothing more, and the result stays where it is.
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => check.SubmitAsync("Send 3 invitations")));
        Assert.Equal(
            3,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m =>
                    m.ToAddress == one || m.ToAddress == two || m.ToAddress == elsewhere.Email
                )
            )
        );
        Assert.Equal("3 invitations sent", (await client.GetAsync(result.Path)).Heading);
        var more = await result.FollowAsync("Send more invites");
        Assert.Equal("", more.Field("Addresses"));
        Assert.Contains(more.Texts("main li"), text => text.EndsWith(": 3 people", StringComparison.Ordinal));

        // The link works, and leads to this organisation.
        var invited = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == one));
        Assert.StartsWith(
            $"Create an account to join {organisation.Name}",
            (await app.Client().GetAsync(await app.Main.LinkAsync(invited))).Heading,
            StringComparison.Ordinal
        );
        Assert.Equal("Pending", (await client.GetAsync(Links.User(organisation.Id, invited.Id))).Value("Status"));
    }

    [Fact]
    public async Task C_A_list_of_a_thousand_takes_as_many_trips_to_the_database_as_one_of_ten()
    {
        // an instance of its own, so that no other test's statements are counted
        await using var host = await app.StartAsync([]);
        var client = await host.SupportAsync();
        var trips = new List<(int Paste, int Send)>();
        foreach (var people in new[] { 10, 10, 1000, 10_000 }) // the first one only warms up
        {
            var organisation = await host.MakeOrganisationAsync();
            using var queries = new Queries(host);
            var check = await ListAsync(
                client,
                organisation,
                string.Join('\n', Enumerable.Range(0, people).Select(_ => Some.Email()))
            );
            var pasted = queries.Count;
            Assert.Equal(
                $"{people:N0} invitations sent",
                (await check.SubmitAsync($"Send {people:N0} invitations")).Heading
            );
            trips.Add((pasted, queries.Count - pasted));
        }
        Assert.Equal([trips[1], trips[1], trips[1]], trips[1..]);
        Assert.InRange(trips[1].Send, 1, 60);
    }

    [Fact]
    public async Task C_A_workbook_is_not_read_as_a_list_and_what_was_typed_beside_an_empty_file_stays()
    {
        var (client, _, organisation) = await StartAsync();
        var form = await client.GetAsync(Links.InviteUsers(organisation.Id));
        async Task<Page> SendAsync(byte[] file, string typed)
        {
            var (path, fields) = form.Form("Continue");
            using var content = new MultipartFormDataContent();
            foreach (
                var (name, value) in fields
                    .Where(f => f.Key is not ("File" or "Role" or "Addresses"))
                    .Append(new("Role", Roles.Member))
                    .Append(new("Addresses", typed))
            )
            {
                content.Add(new StringContent(value), name);
            }

            content.Add(new ByteArrayContent(file), "File", "people.xlsx");
            return await client.SendAsync(new(HttpMethod.Post, path) { Content = content });
        }
        var workbook = Encoding.Latin1.GetBytes("PK\x03\x04\x14\0\x06\0a@x.uk\0\0\n\0[Content_Types].xml\n");
        Assert.Equal(
            ["The selected file must be a CSV. In your spreadsheet, save the file as CSV and upload it again"],
            (await SendAsync(workbook, "")).Errors
        );
        var one = Some.Email();
        var two = Some.Email();
        var check = await SendAsync([], $"{one}\0\n{two}");
        Assert.Contains("2 people will be invited", check.Text(), StringComparison.Ordinal);
        Assert.Equal($"{one}\n{two}", (await check.FollowAsync("Change the list")).Field("Addresses").Trim());
    }

    [Fact]
    public async Task Trust20_A_list_is_sent_only_by_an_admin_who_may_still_give_its_role()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:Roles:0:Key"] = "editor",
                ["Rollcall:Roles:0:Name"] = "Editor",
                ["Rollcall:Roles:0:ManagesUsers"] = "true",
                ["Rollcall:Roles:1:Key"] = "owner",
                ["Rollcall:Roles:1:Name"] = "Owner",
                ["Rollcall:Roles:1:ManagesUsers"] = "true",
            }
        );
        var organisation = await host.MakeOrganisationAsync();
        var owner = await host.MakeUserAsync();
        var membership = await host.JoinAsync(owner, organisation, "owner");
        var client = await host.Client().SignInAsync(owner.Email);
        var check = await ListAsync(client, organisation, Some.Email(), "owner");
        await host.InDbAsync(db =>
            db.Memberships.Where(m => m.Id == membership.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.Role, "editor"))
        );
        Assert.Equal([ChangeAccess.NoLonger.Message], (await check.SubmitAsync("Send 1 invitation")).Errors);
        Assert.Equal(
            1,
            await host.InDbAsync(db => db.Memberships.CountAsync(m => m.OrganisationId == organisation.Id))
        );

        // And behind the lock, where the request does not know yet what happened to the sender.
        var asBefore = new Viewer(owner.Id, "Olga", owner.Email, false, [new(organisation.Id, "owner", true, [])]);
        Assert.True(EmailAddress.TryParse(Some.Email(), out var email));
        async Task<Refusal?> AddAsync(string role) =>
            (
                await host.DoAsync<AddMember, Result<User>>(a =>
                    a.AddAsync(new(asBefore, DateTimeOffset.UtcNow), organisation, "A", "B", email, new(role, []))
                )
            ).Refusal;
        Assert.Equal(ChangeAccess.NoLonger, await AddAsync("owner"));
        var other = await host.MemberOfAsync(organisation, role: "editor");
        Assert.Equal(
            ChangeAccess.TooMuch,
            (
                await host.DoAsync<ChangeAccess, Result>(g =>
                    g.ChangeAsync(new(asBefore, DateTimeOffset.UtcNow), organisation.Id, other.Id, "owner", [])
                )
            ).Refusal
        );
        await host.InDbAsync(db =>
            db.Memberships.Where(m => m.Id == membership.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.RemovedAt, x => x.AddedAt))
        );
        Assert.Equal(ChangeAccess.NoLonger, await AddAsync("editor"));
    }

    [Fact]
    public async Task S4_9_I12_Trust63_What_was_not_sent_can_be_downloaded_and_is_no_formula()
    {
        var (client, _, organisation) = await StartAsync();
        var result = await (
            await ListAsync(client, organisation, $"{Some.Email()}\n=1+1\n@SUM(A1)\n\"quoted")
        ).SubmitAsync("Send 1 invitation");
        using var csv = await client.RawAsync(new(HttpMethod.Get, result.Href("Download what was not sent (CSV)")));
        var text = Encoding.UTF8.GetString(await csv.Content.ReadAsByteArrayAsync(Stop));
        Assert.StartsWith("\uFEFF\"Entered\",\"Why it was not sent\"\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\"'=1+1\",\"Not an email address: it has no @\"", text, StringComparison.Ordinal);
        Assert.Contains("\"'@SUM(A1)\"", text, StringComparison.Ordinal);
        Assert.Equal("attachment", csv.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    public async Task S4_5_C_A_file_gives_each_person_a_name_a_role_and_an_area_and_says_what_it_does_not_know()
    {
        var (client, _, organisation) = await StartAsync();
        await (await client.GetAsync(Links.Areas(organisation.Id))).SubmitAsync("Add", new() { ["Name"] = "Finance" });
        var one = Some.Email();
        var two = Some.Email();
        var three = Some.Email();
        var form = await client.GetAsync(Links.InviteUsers(organisation.Id));
        var (path, fields) = form.Form("Continue");
        using var content = new MultipartFormDataContent();
        foreach (
            var (name, value) in fields.Where(f => f.Key is not ("File" or "Role")).Append(new("Role", Roles.Member))
        )
        {
            content.Add(new StringContent(value), name);
        }

        content.Add(
            new ByteArrayContent(
                Encoding.UTF8.GetBytes(
                    "Surname,First name,E-mail,Role,Service "
                        + $"area\r\nO’Brien,Zoë,{one},admin,finance\r\n,,{two},,\r\nX,Y,{three},King,\r\n"
                )
            ),
            "File",
            "people.csv"
        );
        using var response = await client.RawAsync(new(HttpMethod.Post, path) { Content = content });
        var check = await client.GetAsync(response.Headers.Location!.OriginalString);
        Assert.Contains("2 people will be invited", check.Text(), StringComparison.Ordinal);
        Assert.Contains("“King” is not a role you can give", check.Text(), StringComparison.Ordinal);
        await check.SubmitAsync("Send 2 invitations");
        var zoe = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == one));
        var page = await client.GetAsync(Links.User(organisation.Id, zoe.Id));
        Assert.Equal(
            ("Zoë", "O’Brien", "Admin", "Finance"),
            (page.Value("First name"), page.Value("Last name"), page.Value("Role"), page.Value("Service areas"))
        );
        var other = await client.GetAsync(
            Links.User(
                organisation.Id,
                await app.InDbAsync(db => db.Users.Where(u => u.Email == two).Select(u => u.Id).SingleAsync())
            )
        );
        Assert.Equal(("Member", "All"), (other.Value("Role"), other.Value("Service areas")));
    }

    private static async Task<Page> UploadAsync(Page form, string? file, Dictionary<string, string>? values = null)
    {
        var (path, fields) = form.Form("Continue");
        foreach (var (name, value) in values ?? [])
        {
            fields[name] = value;
        }

        using var content = new MultipartFormDataContent();
        foreach (
            var (name, value) in fields.Where(f =>
                f.Key is not ("File" or "Role" or "Areas") || values?.ContainsKey(f.Key) == true
            )
        )
        {
            content.Add(new StringContent(value), name);
        }

        if (file is not null)
        {
            content.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "File", "people.csv");
        }

        return await form.Client.SendAsync(new(HttpMethod.Post, path) { Content = content });
    }

    [Fact]
    public async Task S4_5_C_redisplay_A_file_is_kept_after_an_error()
    {
        var (client, _, organisation) = await StartAsync();
        var one = Some.Email();
        var two = Some.Email();
        var form = await UploadAsync(
            await client.GetAsync(Links.InviteUsers(organisation.Id)),
            $"email,role\n{one},admin\n{two},\n"
        );
        Assert.Equal(["Select a role for them"], form.Errors); // for the one whose row has none
        Assert.Contains("You uploaded people.csv", form.Text(), StringComparison.Ordinal);
        var check = await UploadAsync(form, null, new() { ["Role"] = Roles.Member });
        Assert.Contains("2 people will be invited", check.Text(), StringComparison.Ordinal);
        Assert.Equal("Admin: 1 person Member: 1 person", check.Value("Role"));
        var back = await check.FollowAsync("Change role");
        Assert.Contains("You uploaded people.csv", back.Text(), StringComparison.Ordinal);
        check = await UploadAsync(back, null, new() { ["Role"] = Roles.Admin });
        Assert.Equal("Admin", check.Value("Role"));
        Assert.Equal("2 invitations sent", (await check.SubmitAsync("Send 2 invitations")).Heading);
        Assert.Equal(
            [Roles.Admin, Roles.Admin],
            await app.InDbAsync(db =>
                (
                    from u in db.Users
                    where u.Email == one || u.Email == two
                    join m in db.Memberships on u.Id equals m.UserId
                    select m.Role
                ).ToListAsync()
            )
        );
    }

    [Fact]
    public async Task S4_5_A_role_is_not_asked_for_that_the_file_gives()
    {
        var (client, _, organisation) = await StartAsync();
        var email = Some.Email();
        var check = await UploadAsync(
            await client.GetAsync(Links.InviteUsers(organisation.Id)),
            $"email,role\n{email},admin\nnot-one,\n"
        );
        Assert.Equal("Admin", check.Value("Role"));
        await check.SubmitAsync("Send 1 invitation");
        Assert.Equal(
            Roles.Admin,
            await app.InDbAsync(db =>
                (
                    from u in db.Users
                    where u.Email == email
                    join m in db.Memberships on u.Id equals m.UserId
                    select m.Role
                ).SingleAsync()
            )
        );
    }

    [Fact]
    public async Task S4_5_The_page_before_the_invitations_and_the_one_after_say_what_access_they_give()
    {
        var (client, _, organisation) = await StartAsync();
        await (await client.GetAsync(Links.Areas(organisation.Id))).SubmitAsync("Add", new() { ["Name"] = "Finance" });
        var area = await app.InDbAsync(db =>
            db.ServiceAreas.Where(a => a.OrganisationId == organisation.Id).Select(a => a.Id).SingleAsync()
        );
        var check = await (await client.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
            "Continue",
            new()
            {
                ["Addresses"] = $"{Some.Email()} {Some.Email()}",
                ["Role"] = Roles.Admin,
                ["Areas"] = area.ToString(),
            }
        );
        Assert.Equal(("Admin", "Finance"), (check.Value("Role"), check.Value("Service areas")));
        Assert.Contains(
            DateTimeOffset
                .UtcNow.AddDays(7)
                .ToString("MMMM yyyy", System.Globalization.CultureInfo.GetCultureInfo("en-GB")),
            check.Value("Invitations expire"),
            StringComparison.Ordinal
        );
        Assert.True(check.HasLink("Change role") && check.HasLink("Change service areas"));
        var result = await check.SubmitAsync("Send 2 invitations");
        Assert.Equal(("Admin", "Finance"), (result.Value("Role"), result.Value("Service areas")));
        Assert.NotEqual("", result.Value("Invitations expire"));
    }

    [Fact]
    public async Task S4_9_Each_bad_line_has_one_reason_and_half_an_address_is_not_sent_to_someone_else()
    {
        var (client, _, organisation) = await StartAsync();
        var check = await ListAsync(
            client,
            organisation,
            $"{Some.Email()}\na..b@x.uk\nplain\nsp ace@x.uk\n{new string('a', 65)}@x.uk"
        );
        Assert.Equal(
            [
                "a..b@x.uk: it has two dots in a row",
                "plain: it has no @",
                "sp ace@x.uk: it has a space in it",
                $"{new string('a', 65)}@x.uk: it is too long",
            ],
            check
                .Texts(".govuk-list--spaced li")
                .Select(text =>
                    text[(text.IndexOf(": ", StringComparison.Ordinal) + 2)..]
                        .Replace("Not an email address", "", StringComparison.Ordinal)
                )
        );
        await check.SubmitAsync("Send 1 invitation");
        var file = await UploadAsync(
            await client.GetAsync(Links.InviteUsers(organisation.Id)),
            $"email\n{Some.Email()}\nsp ace@x.uk\n",
            new() { ["Role"] = Roles.Member }
        );
        Assert.Contains("1 person will be invited", file.Text(), StringComparison.Ordinal);
        Assert.Equal(0, await app.InDbAsync(db => db.Users.CountAsync(u => u.Email == "ace@x.uk")));
    }

    [Fact]
    public async Task C_max_Of_lists_that_are_never_confirmed_a_person_keeps_three()
    {
        var (client, admin, organisation) = await StartAsync();
        var (other, _, elsewhere) = await StartAsync();
        var sent = await (await ListAsync(client, organisation, Some.Email())).SubmitAsync("Send 1 invitation");
        var theirs = await ListAsync(other, elsewhere, Some.Email());
        var lists = new List<Page>();
        for (var i = 0; i < 5; i++)
        {
            lists.Add(await ListAsync(client, organisation, Some.Email()));
        }

        Assert.Equal(
            3,
            await app.InDbAsync(db => db.InvitationLists.CountAsync(b => b.ByUser == admin.Id && b.ConfirmedAt == null))
        );
        Assert.Equal(
            4,
            await app.InDbAsync(db =>
                db.InvitationLines.CountAsync(l =>
                    db.InvitationLists.Any(b => b.Id == l.ListId && b.ByUser == admin.Id)
                )
            )
        );
        // begin again
        Assert.EndsWith("Invite users", (await client.GetAsync(lists[0].Path)).Heading, StringComparison.Ordinal);
        Assert.EndsWith(
            "Check who to invite",
            (await client.GetAsync(lists[4].Path)).Heading,
            StringComparison.Ordinal
        );
        Assert.EndsWith("Check who to invite", (await other.GetAsync(theirs.Path)).Heading, StringComparison.Ordinal);
        Assert.Equal("1 invitation sent", (await client.GetAsync(sent.Path)).Heading);
    }

    [Fact]
    public async Task C_max_Of_lists_that_one_person_sends_at_once_three_are_kept()
    {
        var (_, admin, organisation) = await StartAsync();
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(
                Enumerable
                    .Range(0, 8)
                    .Select(_ =>
                        app.InDbAsync(async db =>
                        {
                            await UnsentLists.SaveAsync(
                                db,
                                new()
                                {
                                    Id = Guid.CreateVersion7(),
                                    OrganisationId = organisation.Id,
                                    ByUser = admin.Id,
                                    Role = Roles.Member,
                                    ServiceAreas = [],
                                    CreatedAt = DateTimeOffset.UtcNow,
                                },
                                []
                            );
                            return true;
                        })
                    )
            );
            Assert.Equal(3, await app.InDbAsync(db => db.InvitationLists.CountAsync(b => b.ByUser == admin.Id)));
        }
    }

    [Fact]
    public async Task C_max_Of_answers_a_person_keeps_the_newest_hundred()
    {
        var (client, admin, organisation) = await StartAsync();
        var now = DateTimeOffset.UtcNow;
        await app.InDbAsync(db =>
        {
            db.AddRange(
                Enumerable
                    .Range(1, 150)
                    .Select(i => new Draft
                    {
                        Kind = "NewUser",
                        ViewerId = admin.Id,
                        OrganisationId = organisation.Id,
                        Answers = "{}",
                        CreatedAt = now.AddMinutes(-i),
                    })
            );
            return db.SaveChangesAsync();
        });
        var check = await client.CheckUserAsync(organisation, AddPages.Person("Ada", "Lovelace", Some.Email()));
        var left = await app.InDbAsync(db =>
            db.Drafts.Where(d => d.ViewerId == admin.Id).Select(d => d.CreatedAt).ToListAsync()
        );
        Assert.Equal(100, left.Count);
        Assert.True(left.TrueForAll(at => at > now.AddMinutes(-100)));
        Assert.NotNull((await check.SubmitAsync("Add user")).Banner);
    }

    [Fact]
    public async Task S4_4_A_likely_slip_is_pointed_out_before_anything_is_sent()
    {
        var (client, _, organisation) = await StartAsync();
        var check = await ListAsync(client, organisation, "someone@gmial.com");
        Assert.Contains("Did you mean someone@gmail.com?", check.Text(), StringComparison.Ordinal);
        // the count, without scripts
        Assert.Contains("We found 1 email address.", check.Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n ,,; \t")]
    public async Task S4_3_C_Nothing_entered_has_an_error(string addresses)
    {
        var (client, _, organisation) = await StartAsync();
        Assert.Equal(["Enter at least one email address"], (await ListAsync(client, organisation, addresses)).Errors);
    }

    [Fact]
    public async Task S4_5_C_Role_is_required_and_what_was_typed_stays()
    {
        var (client, _, organisation) = await StartAsync();
        var page = await (await client.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
            "Continue",
            new() { ["Addresses"] = "one@example.org\n\n  two@" }
        );
        Assert.Equal(["Select a role for them"], page.Errors);
        Assert.Equal("one@example.org\n\n  two@", page.Field("Addresses")!.ReplaceLineEndings("\n"));
        var check = await page.SubmitAsync("Continue", new() { ["Role"] = Roles.Member });
        var back = await check.FollowAsync("Change the list");
        Assert.Equal("one@example.org\n\n  two@", back.Field("Addresses")!.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task C_More_than_the_limit_is_refused_before_anything_is_sent()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:Limits:AddressesInAList"] = "3",
                ["Rollcall:Limits:BulkInvitationsADay"] = "4",
                ["Rollcall:Limits:InvitationsADay"] = "1",
            }
        );
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.AdminOfAsync(organisation);
        var client = await host.Client().SignInAsync(admin.Email);
        Assert.Equal(
            ["Enter 3 email addresses or fewer. You entered 4"],
            (await ListAsync(client, organisation, "a@x.example b@x.example c@x.example d@x.example")).Errors
        );
        Assert.Equal(
            "3 invitations sent",
            (
                await (await ListAsync(client, organisation, "a@x.example b@x.example c@x.example")).SubmitAsync(
                    "Send 3 invitations"
                )
            ).Heading
        );
        var over = await (await ListAsync(client, organisation, "d@x.example e@x.example")).SubmitAsync(
            "Send 2 invitations"
        );
        Assert.StartsWith(
            $"{organisation.Name} can invite 4 people a day in bulk, and has invited 3",
            Assert.Single(over.Errors),
            StringComparison.Ordinal
        );
        Assert.Equal(
            4,
            await host.InDbAsync(db => db.Memberships.CountAsync(m => m.OrganisationId == organisation.Id))
        );

        // Trust15: beside lists, too.
        async Task<Page> AddAsync(string email) => await client.AddUserAsync(organisation, email);
        Assert.Contains("has been added", (await AddAsync("one@y.example")).Banner, StringComparison.Ordinal);
        Assert.Equal(
            ["You have reached the limit of 1 email to other people in 24 hours. Try again tomorrow"],
            (await AddAsync("two@y.example")).Errors
        );
    }

    [Fact]
    public async Task C_parallel_Two_admins_who_send_lists_that_overlap_add_each_person_once()
    {
        var (client, _, organisation) = await StartAsync();
        var second = await app.Main.AdminOfAsync(organisation);
        var theirs = await app.Client().SignInAsync(second.Email);
        var all = Enumerable.Range(0, 30).Select(_ => Some.Email()).ToList();
        var checks = await Task.WhenAll(
            ListAsync(client, organisation, string.Join('\n', all.Take(20))),
            ListAsync(theirs, organisation, string.Join(',', all.Skip(10).Reverse()))
        );
        var results = await Task.WhenAll(checks.Select(check => check.SubmitAsync("Send 20 invitations")));
        Assert.Equal(
            ["10 invitations sent", "20 invitations sent"],
            results.Select(r => r.Heading).Order(StringComparer.Ordinal)
        );
        Assert.Equal(32, await MembersAsync(organisation));
        Assert.Equal(30, await app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => all.Contains(m.ToAddress))));
    }

    [Fact]
    public async Task J2_Trust17_A_list_is_its_writers_until_it_is_sent_and_its_organisations_afterwards()
    {
        var (client, _, organisation) = await StartAsync();
        var (theirs, _, elsewhere) = await StartAsync();
        var colleague = await app.Main.AdminOfAsync(organisation);
        var check = await ListAsync(client, organisation, Some.Email());
        var id = check.Path.Split('/')[^1];
        foreach (var path in new[] { check.Path, Links.InvitationList(elsewhere.Id, Guid.Parse(id)) })
        {
            Assert.DoesNotContain(
                "will be invited",
                (await theirs.GetAsync(path, path == check.Path ? HttpStatusCode.NotFound : HttpStatusCode.OK)).Text(),
                StringComparison.Ordinal
            );
        }

        Assert.EndsWith(
            "Invite users",
            (await (await app.Client().SignInAsync(colleague.Email)).GetAsync(check.Path)).Heading,
            StringComparison.Ordinal
        );
        await check.SubmitAsync("Send 1 invitation");
        Assert.Equal(
            "1 invitation sent",
            (await (await app.Client().SignInAsync(colleague.Email)).GetAsync(check.Path)).Heading
        );
        await theirs.GetAsync(check.Path, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task S2_12_Bulk_invitations_can_be_turned_off()
    {
        await using var host = await app.StartAsync(new() { ["Rollcall:BulkInvitations"] = "false" });
        var organisation = await host.MakeOrganisationAsync();
        var support = await host.SupportAsync();
        Assert.False((await support.GetAsync(Links.Users(organisation.Id))).HasLink("Invite users"));
        await support.GetAsync(Links.InviteUsers(organisation.Id), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task S4_5_Trust20_Areas_are_chosen_shown_and_changed_and_no_one_can_give_what_they_do_not_have()
    {
        var (client, _, organisation) = await StartAsync();
        var areas = await (await client.GetAsync(Links.Organisation(organisation.Id))).FollowAsync("Service areas");
        Assert.Equal(["Enter a name"], (await areas.SubmitAsync("Add", new() { ["Name"] = " " })).Errors);
        var finance = await areas.SubmitAsync("Add", new() { ["Name"] = "Finance" });
        Assert.Equal(
            ["There is already one with this name"],
            (await finance.SubmitAsync("Add", new() { ["Name"] = "FINANCE" })).Errors
        );
        await finance.SubmitAsync("Add", new() { ["Name"] = "Teaching" });
        Assert.Equal(
            "Departments",
            (await finance.SubmitAsync("Save", new() { ["Word"] = "Department" }))
                .Document.QuerySelector("h1")!
                .LastChild!.TextContent.Trim()
        );
        var ids = await app.InDbAsync(db =>
            db.ServiceAreas.Where(a => a.OrganisationId == organisation.Id).ToDictionaryAsync(a => a.Name, a => a.Id)
        );

        var email = Some.Email();
        var check = await (await client.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
            "Continue",
            new()
            {
                ["Addresses"] = email,
                ["Role"] = Roles.Admin,
                ["Areas"] = ids["Finance"].ToString(),
            }
        );
        await check.SubmitAsync("Send 1 invitation");
        var invited = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == email));
        Assert.Equal("Finance", (await client.GetAsync(Links.User(organisation.Id, invited.Id))).Value("Departments"));
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == invited.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, DateTimeOffset.UtcNow))
        );

        // An admin who is limited to Finance gives Finance, and must.
        var theirs = await app.Client().SignInAsync(email);
        var form = await theirs.GetAsync(Links.InviteUsers(organisation.Id));
        Assert.Equal(["Finance"], form.Texts(".govuk-checkboxes__label"));
        Assert.Equal(
            ["Select what they can use"],
            (await form.SubmitAsync("Continue", new() { ["Addresses"] = Some.Email(), ["Role"] = Roles.Member })).Errors
        );
        Assert.Equal(
            ["Select what they can use"],
            (
                await form.SubmitAsync(
                    "Continue",
                    new()
                    {
                        ["Addresses"] = Some.Email(),
                        ["Role"] = Roles.Member,
                        ["Areas"] = ids["Teaching"].ToString(),
                    }
                )
            ).Errors
        );

        // A member's only area cannot be removed, because without one they could use everything.
        var remove = await client.GetAsync(Links.Areas(organisation.Id));
        Assert.Contains(
            "1 person can use Finance and nothing else",
            (await remove.FollowAsync("Remove Finance")).Text(),
            StringComparison.Ordinal
        );
        await (await remove.FollowAsync("Remove Teaching")).SubmitAsync("Remove department");
        var access = await (await client.GetAsync(Links.User(organisation.Id, invited.Id))).FollowAsync(
            "Change departments"
        );
        Assert.Equal(
            "All",
            (await access.SubmitAsync("Save", new() { ["Role"] = Roles.Member, ["Areas"] = "" })).Value("Departments")
        );
        await (await (await client.GetAsync(Links.Areas(organisation.Id))).FollowAsync("Remove Finance")).SubmitAsync(
            "Remove department"
        );
        Assert.Equal(
            0,
            await app.InDbAsync(db => db.ServiceAreas.CountAsync(a => a.OrganisationId == organisation.Id))
        );
    }

    [Fact]
    public async Task R12_A_thousand_addresses_take_as_many_statements_as_ten()
    {
        var (_, admin, organisation) = await StartAsync();
        var by = Some.AdminOf(organisation, admin);
        var counts = new List<int>();
        foreach (var size in new[] { 10, 1000 })
        {
            var batch = new InvitationList
            {
                OrganisationId = organisation.Id,
                ByUser = admin.Id,
                Role = Roles.Member,
                ServiceAreas = [],
                CreatedAt = DateTimeOffset.UtcNow,
            };
            await app.InDbAsync(db =>
            {
                db.Add(batch);
                db.AddRange(
                    Enumerable
                        .Range(1, size)
                        .Select(i => (Some.Email(), i))
                        .Select(e => new InvitationLine
                        {
                            OrganisationId = organisation.Id,
                            ListId = batch.Id,
                            Position = e.i,
                            Line = e.i,
                            Text = e.Item1,
                            Email = e.Item1,
                            EmailKey = e.Item1,
                        })
                );
                return db.SaveChangesAsync();
            });
            await using var scope = app.Main.Services.CreateAsyncScope();
            var counter = new Statements();
            using var counting = counter.Begin();
            Assert.Equal(
                Result.Done,
                await scope
                    .ServiceProvider.GetRequiredService<BulkInvitations>()
                    .ConfirmAsync(new(by, DateTimeOffset.UtcNow), organisation, batch.Id)
            );
            counts.Add(counter.Count);
            Assert.Equal(
                size,
                await app.InDbAsync(db =>
                    db.InvitationLines.CountAsync(l => l.ListId == batch.Id && l.Outcome == InvitationOutcomes.Invited)
                )
            );
        }
        Assert.Equal(counts[0], counts[1]);
        Assert.InRange(counts[0], 5, 25);
    }

    /// <summary>Counts the statements that this flow of control sends.</summary>
    private sealed class Statements
    {
        private static readonly AsyncLocal<Statements?> Here = new();
        private int count;

        public int Count => count;

        public System.Diagnostics.ActivityListener Begin()
        {
            Here.Value = this;
            var listener = new System.Diagnostics.ActivityListener
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) =>
                    System.Diagnostics.ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    if (Here.Value == this && Queries.IsStatement(activity))
                    {
                        Interlocked.Increment(ref count);
                    }
                },
            };
            System.Diagnostics.ActivitySource.AddActivityListener(listener);
            return listener;
        }
    }
}
