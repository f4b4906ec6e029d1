using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Organisations;

public sealed class OrganisationTests(TheApp app)
{
    private static async Task<IReadOnlyList<string>> FindAsync(Client client, string search) =>
        (await client.GetAsync("/organisations?search=" + Uri.EscapeDataString(search))).Texts("tbody td:nth-child(1)");

    [Fact]
    public async Task S0_8_I6_An_organisation_is_found_by_parts_of_its_name_or_code_whatever_the_case_and_accents()
    {
        await using var host = await app.StartAsync([]);
        foreach (
            var (name, code) in new[]
            {
                ("Ysgol Tŷ Gwyn", "TG1"),
                ("St Mary’s School", "SM2"),
                ("100% Learning_Trust", "HL3"),
                ("O\\Brien & Sons", "OB4"),
                ("Beechwood", "BW5"),
            }
        )
        {
            await host.InDbAsync(db =>
            {
                db.Add(
                    new Organisation
                    {
                        Name = name,
                        Code = code,
                        CreatedAt = DateTimeOffset.UtcNow,
                    }
                );
                return db.SaveChangesAsync();
            });
        }

        var support = await host.SupportAsync();
        Assert.Equal(["Ysgol Tŷ Gwyn"], await FindAsync(support, "TY gwyn"));
        Assert.Equal(["Ysgol Tŷ Gwyn"], await FindAsync(support, "gwyn ysgol"));
        Assert.Equal(["St Mary’s School"], await FindAsync(support, "marys"));
        Assert.Equal(["St Mary’s School"], await FindAsync(support, "  mary's "));
        Assert.Equal(["Beechwood"], await FindAsync(support, "bw5"));
        Assert.Equal(["100% Learning_Trust"], await FindAsync(support, "%"));
        Assert.Equal(["100% Learning_Trust"], await FindAsync(support, "g_t"));
        Assert.Equal(["O\\Brien & Sons"], await FindAsync(support, "\\"));
        Assert.Equal(
            ["100% Learning_Trust", "Beechwood", "O\\Brien & Sons", "St Mary’s School", "Ysgol Tŷ Gwyn"],
            await FindAsync(support, "")
        );
        Assert.Equal([], await FindAsync(support, "[😀]"));

        var nothing = await support.GetAsync("/organisations?search=nowhere");
        Assert.Contains("No organisations match “nowhere”.", nothing.Text(), StringComparison.Ordinal);
        Assert.Equal("nowhere", nothing.Document.QuerySelector("#search")!.GetAttribute("value"));
        Assert.Empty(await FindAsync(support, new string('x', 500)));
        Assert.Empty(await FindAsync(support, "a\0b"));
        // cut in the middle of one
        Assert.Empty(await FindAsync(support, "a" + string.Concat(Enumerable.Repeat("😀", 100))));
    }

    [Fact]
    public async Task I7_The_search_survives_paging_and_any_page_number_shows_a_page()
    {
        await using var host = await app.StartAsync([]);
        foreach (var i in Enumerable.Range(1, 26))
        {
            await host.MakeOrganisationAsync($"School {i:00}");
        }

        var support = await host.SupportAsync();
        var first = await support.GetAsync("/organisations?search=school");
        Assert.Equal(25, first.Texts("tbody tr").Count);
        var second = await support.GetAsync(
            first.Document.QuerySelector(".govuk-pagination__next a")!.GetAttribute("href")!
        );
        Assert.Equal(["School 26"], second.Texts("tbody td:nth-child(1)"));
        Assert.Equal("school", second.Document.QuerySelector("#search")!.GetAttribute("value"));
        Assert.Equal(
            "School 26",
            (await support.GetAsync("/organisations?page=99999999999")).Texts("tbody td:nth-child(1)")[0]
        );
    }

    [Fact]
    public async Task Support_creates_an_organisation_and_lands_on_it()
    {
        var support = await app.SupportAsync();
        var name = Some.Name("New school");
        var form = await (await support.GetAsync("/organisations")).FollowAsync("Create an organisation");
        Assert.Equal(["Enter a name"], (await form.SubmitAsync("Create organisation")).Errors);
        Assert.Equal(
            ["Name must be 200 characters or fewer", "Code must be 50 characters or fewer"],
            (
                await form.SubmitAsync(
                    "Create organisation",
                    new() { ["Name"] = new('n', 201), ["Code"] = new('c', 51) }
                )
            ).Errors
        );
        var page = await form.SubmitAsync(
            "Create organisation",
            new() { ["Name"] = $" {name}\u200b ", ["Code"] = name }
        );
        Assert.Equal((name, $"{name} has been created."), (page.Heading, page.Banner));
        Assert.Equal(
            ["An organisation with this code already exists"],
            (
                await (await support.GetAsync("/organisations/create")).SubmitAsync(
                    "Create organisation",
                    new() { ["Name"] = "Other", ["Code"] = name.ToUpperInvariant() }
                )
            ).Errors
        );
    }

    [Fact]
    public async Task R11_A_form_that_is_sent_twenty_times_at_once_creates_one_organisation()
    {
        var support = await app.SupportAsync();
        var name = Some.Name("Double click");
        var form = await support.GetAsync("/organisations/create");
        var pages = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => form.SubmitAsync("Create organisation", new() { ["Name"] = name }))
        );
        Assert.All(pages, page => Assert.Equal(name, page.Heading));
        Assert.Equal(1, await app.InDbAsync(db => db.Organisations.CountAsync(o => o.Name == name)));
    }

    [Fact]
    public async Task R11_The_same_form_with_another_name_is_another_organisation()
    {
        var support = await app.SupportAsync();
        var form = await support.GetAsync("/organisations/create");
        var first = Some.Name("First");
        var second = Some.Name("Second");
        Assert.Equal(first, (await form.SubmitAsync("Create organisation", new() { ["Name"] = first })).Heading);
        Assert.Equal(second, (await form.SubmitAsync("Create organisation", new() { ["Name"] = second })).Heading);
        Assert.Equal(
            second + " b",
            (await form.SubmitAsync("Create organisation", new() { ["Name"] = second + " b", ["Id"] = "zzz" })).Heading
        );
    }

    [Fact]
    public async Task F14_S0_4_A_member_of_one_organisation_lands_on_it_and_a_member_of_two_chooses()
    {
        var first = await app.Main.MakeOrganisationAsync(Some.Name("First"));
        var second = await app.Main.MakeOrganisationAsync(Some.Name("Second"));
        var user = await app.Main.MemberOfAsync(first);
        var client = await app.Client().SignInAsync(user.Email);
        Assert.Equal(Links.Organisation(first.Id), (await client.GetAsync("/")).Path);
        await app.Main.JoinAsync(user, second);
        var choose = await client.GetAsync("/");
        Assert.Equal([first.Name, second.Name], choose.Texts("tbody td:nth-child(1)"));
        Assert.Equal(second.Name, (await choose.FollowAsync(second.Name)).Heading);
        await client.GetAsync(
            "/organisations?search=" + Uri.EscapeDataString((await app.Main.MakeOrganisationAsync()).Name)
        );
    }
}
