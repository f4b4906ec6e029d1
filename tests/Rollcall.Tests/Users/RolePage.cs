using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>
/// Adding a user asks for the role where there are several, between the personal details and the page to check them.
/// </summary>
internal static class RolePage
{
    /// <summary>Answers it, if this is it; a form with errors stays as it is.</summary>
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
