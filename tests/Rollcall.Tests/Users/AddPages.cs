using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>
/// The pages that add a user. Between the personal details and the check page they ask for a role if there are several.
/// </summary>
internal static class AddPages
{
    /// <summary>The answers to the personal details.</summary>
    public static Dictionary<string, string> Person(
        string first = "Ada",
        string last = "Lovelace",
        string? email = null
    ) =>
        new()
        {
            ["FirstName"] = first,
            ["LastName"] = last,
            ["Email"] = email ?? Some.Email(),
        };

    /// <summary>Goes as far as the check page.</summary>
    public static async Task<Page> CheckUserAsync(
        this Client client,
        Organisation organisation,
        Dictionary<string, string> person
    ) => await (await client.GetAsync(Links.AddUser(organisation.Id))).SubmitAsync("Continue", person).ThenRoleAsync();

    /// <summary>Adds a user, with the least role.</summary>
    public static async Task<Page> AddUserAsync(
        this Client client,
        Organisation organisation,
        string email,
        string first = "Ada",
        string last = "Lovelace"
    ) => await (await client.CheckUserAsync(organisation, Person(first, last, email))).SubmitAsync("Add user");

    /// <summary>Answers the page that asks for a role, if this is it. A form with errors stays as it is.</summary>
    public static async Task<Page> ThenRoleAsync(this Task<Page> before, string role = Roles.Member)
    {
        var page = await before;
        return page.Heading.EndsWith("’s access", StringComparison.Ordinal)
            ? await page.SubmitAsync("Continue", new() { ["Role"] = role })
            : page;
    }

    public static async Task ChooseRoleAsync(this Window window, string role = "Member")
    {
        await window.Page.GetByLabel(role, new() { Exact = true }).CheckAsync();
        await window.PressAsync("Continue");
    }
}
