using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Host;

public sealed class DemonstrationDataTests(TheApp app)
{
    [Fact]
    public async Task A_first_start_has_a_person_of_each_kind_to_sign_in_as_even_after_an_import_of_organisations()
    {
        var database = await app.NewDatabaseAsync();
        await using (var before = await app.StartAsync([], database))
        {
            await before.MakeOrganisationAsync("Imported school");
        }

        await using var host = await app.StartAsync(new() { ["ROLLCALL_SEED"] = "" }, database);
        foreach (
            var (kind, path) in new[]
            {
                ("Support", "/organisations"),
                ("Organisation admin", "/organisations/"),
                ("Member", "/organisations/"),
            }
        )
        {
            var page = await host.Client().GetAsync("/dev/sign-in");
            var button = page.Texts("form button").First(text => text.StartsWith(kind, StringComparison.Ordinal));
            var inside = await page.SubmitAsync(button);
            Assert.StartsWith(path, inside.Path, StringComparison.Ordinal);
        }

        await using var again = await app.StartAsync(new() { ["ROLLCALL_SEED"] = "" }, database); // once
        Assert.Equal(49, await again.InDbAsync(db => Task.FromResult(db.Organisations.Count())));
    }

    [Theory]
    [InlineData("", true, 0, 0)]
    [InlineData("onboarding", true, 3, 1)]
    [InlineData("publish", false, 0, 0)]
    [InlineData("claim", false, 0, 0)]
    public async Task The_made_up_people_fit_the_settings_and_their_history_is_in_order(
        string preset,
        bool expires,
        int areas,
        int terms
    )
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["ROLLCALL_SEED"] = "",
                ["ROLLCALL_PRESET"] = preset,
                ["Rollcall:ServiceName"] = "Rollcall",
            }
        );
        var roles = Roles.Of(host.Services.GetRequiredService<IOptions<RollcallOptions>>().Value);
        Assert.All(
            await host.InDbAsync(db => db.Memberships.Select(m => m.Role).Distinct().ToListAsync(Stop)),
            role => Assert.NotNull(roles.Find(role))
        );
        Assert.Equal(expires, await host.InDbAsync(db => db.Invitations.AnyAsync(i => i.ExpiresAt != null, Stop)));
        Assert.Equal(expires, await host.InDbAsync(db => db.Memberships.AnyAsync(m => m.ExpiresAt != null, Stop)));
        Assert.Equal(expires, await host.InDbAsync(db => db.Users.AnyAsync(u => u.PasswordHash != null, Stop)));
        Assert.Equal(
            (areas, areas > 0, terms),
            (
                await host.InDbAsync(db => db.ServiceAreas.CountAsync(Stop)),
                await host.InDbAsync(db => db.AccessGrants.AnyAsync(Stop)),
                await host.InDbAsync(db => db.TermsVersions.CountAsync(Stop))
            )
        );

        // Added, then registered, then signed in, then paused, and nothing of it in the future.
        Assert.Equal(
            0,
            await host.InDbAsync(db =>
                db.Users.CountAsync(
                    u =>
                        u.RegisteredAt < u.CreatedAt
                        || u.LastSignedInAt < u.RegisteredAt
                        || u.LastSignedInAt > DateTimeOffset.UtcNow,
                    Stop
                )
            )
        );
        Assert.Equal(
            0,
            await host.InDbAsync(db =>
                (
                    from m in db.Memberships
                    join u in db.Users on m.UserId equals u.Id
                    where
                        m.AddedAt < u.CreatedAt
                        || u.RegisteredAt < m.AddedAt
                        || u.LastSignedInAt < m.AddedAt
                        || m.PausedAt < u.LastSignedInAt
                        || m.PausedAt > DateTimeOffset.UtcNow
                    select m
                ).CountAsync(Stop)
            )
        );
        Assert.Equal(
            0,
            await host.InDbAsync(db =>
                (
                    from m in db.Memberships
                    join o in db.Organisations on m.OrganisationId equals o.Id
                    where m.AddedAt < o.CreatedAt
                    select m
                ).CountAsync(Stop)
            )
        );
        Assert.Equal(
            0,
            await host.InDbAsync(db =>
                (
                    from e in db.AuditEvents
                    join u in db.Users on e.UserId equals u.Id
                    where e.Kind == Event.KindOf<MemberAdded>() && (e.At > u.LastSignedInAt || e.At > u.RegisteredAt)
                    select e
                ).CountAsync(Stop)
            )
        );

        // Each kind of person is there to sign in as, and comes straight in.
        foreach (var kind in new[] { "Support", "Organisation admin", "Member" })
        {
            var page = await host.Client().GetAsync("/dev/sign-in");
            Assert.StartsWith(
                "/organisations",
                (
                    await page.SubmitAsync(
                        page.Texts("form button").First(text => text.StartsWith(kind, StringComparison.Ordinal))
                    )
                ).Path,
                StringComparison.Ordinal
            );
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;
}
