using Microsoft.EntityFrameworkCore;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Organisations;

/// <summary>Two organisations of one name are told apart by a code, and no one makes the second by accident.</summary>
public sealed class NamesakeTests(TheApp app)
{
    private const string Create = "Create organisation",
        Another = "Create another";

    private static async Task<Page> CreateAsync(Client support, string name, string? code = null) =>
        await (await support.GetAsync("/organisations/create")).SubmitAsync(
            Create,
            new() { ["Name"] = name, ["Code"] = code ?? "" }
        );

    private Task<int> CountAsync(string name) =>
        app.InDbAsync(db => db.Organisations.CountAsync(o => EF.Functions.ILike(o.Name, name)));

    [Fact]
    public async Task A_second_organisation_of_the_same_name_is_made_only_after_a_question_and_with_a_code()
    {
        var support = await app.SupportAsync();
        var name = Some.Name("Ashdown School");
        var code = Some.Name("DEMO");
        await CreateAsync(support, name, code);

        var spaced = name.ToUpperInvariant().Replace(" ", "   ", StringComparison.Ordinal);
        var ask = await CreateAsync(support, $" {spaced}\t");
        Assert.Equal($"There is already an organisation called {name} ({code}). Create another?", ask.Heading);
        Assert.Equal(Links.Organisations, ask.Href("Cancel"));
        Assert.Equal(
            ["Enter a code that tells it apart from the other organisation"],
            (await ask.SubmitAsync(Another)).Errors
        );
        Assert.Equal(1, await CountAsync(name));

        var form = await ask.SubmitAsync(Another); // the question stays while the code is missing
        var made = await form.SubmitAsync(Another, new() { ["Name"] = name, ["Code"] = $"{code} b" });
        Assert.Equal(name, made.Heading);
        var second = await form.SubmitAsync(Another, new() { ["Name"] = name, ["Code"] = $"{code} b" });
        Assert.Equal(name, second.Heading);
        Assert.Equal(2, await CountAsync(name)); // the second click created nothing
    }

    [Fact]
    public async Task A_confirmed_name_confirms_no_other_one()
    {
        var support = await app.SupportAsync();
        var one = Some.Name("One");
        var two = Some.Name("Two");
        await CreateAsync(support, one);
        await CreateAsync(support, two);
        var ask = await CreateAsync(support, one);
        Assert.Equal($"There is already an organisation called {one}. Create another?", ask.Heading);
        var again = await ask.SubmitAsync(Another, new() { ["Name"] = two, ["Code"] = Some.Name("C") });
        Assert.Equal($"There is already an organisation called {two}. Create another?", again.Heading);
        Assert.Equal(1, await CountAsync(two));
        var other = Some.Name("Three");
        var free = await again.SubmitAsync(Another, new() { ["Name"] = other }); // no one else has it
        Assert.Equal(other, free.Heading);
    }

    [Fact]
    public async Task F15_Of_ten_who_create_the_same_name_at_once_nine_are_asked()
    {
        var support = await app.SupportAsync();
        var name = Some.Name("At once");
        var forms = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => support.GetAsync("/organisations/create")));
        var pages = await Task.WhenAll(forms.Select(form => form.SubmitAsync(Create, new() { ["Name"] = name })));
        Assert.Single(pages, page => page.Heading == name);
        Assert.Equal(9, pages.Count(page => page.Heading.EndsWith("Create another?", StringComparison.Ordinal)));
        Assert.Equal(1, await CountAsync(name));
    }

    [Fact]
    public async Task Renaming_to_a_name_that_another_one_has_asks_the_same_and_a_namesake_keeps_a_code()
    {
        var support = await app.SupportAsync();
        var name = Some.Name("Taken");
        var code = Some.Name("CODE");
        await CreateAsync(support, name, code);
        var other = await app.Main.MakeOrganisationAsync();
        var form = await support.GetAsync(Links.EditOrganisation(other.Id));
        var ask = await form.SubmitAsync("Save", new() { ["Name"] = name.ToLowerInvariant() });
        Assert.EndsWith(
            $"There is already an organisation called {name} ({code}). Use the same name?",
            ask.Heading,
            StringComparison.Ordinal
        );
        Assert.Equal(Links.Organisation(other.Id), ask.Href("Cancel"));
        Assert.Equal(
            ["Enter a code that tells it apart from the other organisation"],
            (await ask.SubmitAsync("Use the same name")).Errors
        );
        Assert.Equal(1, await CountAsync(name));
        var saved = await ask.SubmitAsync("Use the same name", new() { ["Name"] = name, ["Code"] = $"{code} b" });
        Assert.Equal(name, saved.Heading);

        // The code of one of two cannot be taken away; what else is changed asks nothing.
        var again = await support.GetAsync(Links.EditOrganisation(other.Id));
        Assert.Equal(
            ["Enter a code that tells it apart from the other organisation"],
            (await again.SubmitAsync("Save", new() { ["Code"] = "" })).Errors
        );
        Assert.Equal(name, (await again.SubmitAsync("Save", new() { ["BulkInvitationsADay"] = "7" })).Heading);
    }

    [Fact]
    public async Task A_new_organisation_offers_to_add_the_first_user_until_there_is_one()
    {
        var support = await app.SupportAsync();
        var name = Some.Name("Empty");
        var page = await CreateAsync(support, name);
        var organisation = await app.InDbAsync(db => db.Organisations.SingleAsync(o => o.Name == name));
        Assert.Equal(Links.AddUser(organisation.Id), page.Href("Add the first user"));
        await app.Main.MemberOfAsync(organisation);
        Assert.False((await support.GetAsync(Links.Organisation(organisation.Id))).HasLink("Add the first user"));
    }
}
