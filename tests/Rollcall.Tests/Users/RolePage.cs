using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>
/// Adding a user asks for a role if there are several, between the personal details and the check page.
/// </summary>
internal static class RolePage
{
    /// <summary>Answers the page if it is this one. A form with errors stays as it is.</summary>
    public static async Task<Page> ThenRoleAsync(this Task<Page> before, string role = Roles.Member) =>
        await before is var page && page.Heading.EndsWith("’s access", StringComparison.Ordinal)
            ? await page.SubmitAsync("Continue", new() { ["Role"] = role })
            : page;

    public static async Task ChooseRoleAsync(this Window window, string role = "Member")
    {
        await window.Page.GetByLabel(role, new() { Exact = true }).CheckAsync();
        await window.PressAsync("Continue");
    }
}
