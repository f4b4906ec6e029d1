using Microsoft.EntityFrameworkCore;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

public sealed class LogTests(TheApp app)
{
    [Fact]
    public async Task Trust11_I11_No_log_at_any_level_holds_a_link()
    {
        using var lines = new Lines();
        await using var host = await app.StartAsync(
            new()
            {
                ["Logging:LogLevel:Default"] = "Trace",
                ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Trace",
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command"] = "Trace",
                ["Logging:LogLevel:Microsoft.AspNetCore.Mvc.Infrastructure.RedirectResultExecutor"] = "Trace",
                ["Logging:Lines:LogLevel:Default"] = "Trace", // counts more than what is said for every log
                ["Logging:Lines:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace",
                ["Logging:Lines:LogLevel:Microsoft.*.Matching.DfaMatcher"] = "Trace",
            },
            services: lines.AddTo
        );

        var invited = await host.InviteAsync();
        var resets = await host.MakeUserAsync();
        await host.InDbAsync(db =>
            db.Users.Where(u => u.Id == resets.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, "a password"))
        );
        await (await host.Client().GetAsync(Links.ForgotPassword)).SubmitAsync(
            "Send link",
            new() { ["Email"] = resets.Email }
        );
        var reset = await host.LinkInMailAsync(resets.Email, "/reset-password/");
        var moves = await host.Client().SignInAsync((await host.MakeUserAsync(support: true)).Email);
        var address = Some.Email();
        await (await moves.GetAsync(Links.ChangeAccountEmail)).SubmitAsync(
            "Continue",
            new() { ["NewEmail"] = address }
        );
        var confirm = await host.LinkInMailAsync(address, "/account/email/");

        string[] links = [invited.Link, reset, confirm];
        foreach (var link in links)
        {
            foreach (
                var path in new[]
                {
                    link,
                    link + "/details",
                    link + "/nowhere",
                    $"/sign-in?returnUrl={Uri.EscapeDataString(link)}",
                    link + "?page=" + link[^32..],
                }
            )
            {
                foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Post, HttpMethod.Put })
                {
                    using var response = await host.Client().RawAsync(new(method, path));
                    Assert.True((int)response.StatusCode < 500);
                }
            }
        }

        using var client = host.Client();
        var details = await (await client.GetAsync(invited.Link)).FollowAsync("Create an account");
        await details.SubmitAsync("Continue", new() { ["Password"] = "" });
        await (await host.Client().GetAsync(reset)).SubmitAsync("Save password", new() { ["Password"] = "" });

        foreach (var token in links.Select(link => link[^32..]))
        {
            Assert.DoesNotContain(lines.All, line => line.Contains(token, StringComparison.Ordinal));
        }

        Assert.Contains(lines.All, line => line.StartsWith("Debug", StringComparison.Ordinal)); // they were on
    }
}
