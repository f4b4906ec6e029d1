using Rollcall.Tests.Support;

namespace Rollcall.Tests.Host;

public sealed class DemonstrationDataTests(TheApp app)
{
    [Fact]
    public async Task A_first_start_has_somebody_of_each_kind_to_sign_in_as_also_when_organisations_were_imported_before()
    {
        var database = await app.NewDatabaseAsync();
        await using (var before = await app.StartAsync([], database))
            await before.MakeOrganisationAsync("Imported school");
        await using var host = await app.StartAsync(new() { ["ROLLCALL_SEED"] = "" }, database);
        foreach (var (kind, path) in new[] { ("Support", "/organisations"), ("Organisation admin", "/organisations/"), ("Member", "/organisations/") })
        {
            var page = await host.Client().GetAsync("/dev/sign-in");
            var button = page.Texts("form button").First(text => text.StartsWith(kind, StringComparison.Ordinal));
            var inside = await page.SubmitAsync(button);
            Assert.StartsWith(path, inside.Path, StringComparison.Ordinal);
        }

        await using var again = await app.StartAsync(new() { ["ROLLCALL_SEED"] = "" }, database); // once
        Assert.Equal(49, await again.InDbAsync(db => Task.FromResult(db.Organisations.Count())));
    }
}
