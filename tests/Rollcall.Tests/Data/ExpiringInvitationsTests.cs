using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Data;

/// <summary>The lists of expired invitations are kept up to date in the background.</summary>
public sealed class ExpiringInvitationsTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_organisation_that_fails_does_not_stop_the_others()
    {
        await using var host = await app.StartAsync([]);
        var (broken, others) = (await host.MakeOrganisationAsync(), new List<Invited>());
        await host.InviteAsync(broken);
        for (var i = 0; i < 4; i++)
        {
            others.Add(await host.InviteAsync());
        }

        await host.AsOwnerAsync(
            $"""
            create function fail() returns trigger language plpgsql as 'begin raise exception ''broken''; end';
            create trigger fail before update of late on memberships
              for each row when (new.organisation_id = '{broken.Id}') execute function fail();
            update memberships set expires_at = added_at
            """
        );
        var expiring = new ExpiringInvitations(
            host.Services.GetRequiredService<NpgsqlDataSource>(),
            host.Services.GetRequiredService<TimeProvider>(),
            NullLogger<ExpiringInvitations>.Instance
        );
        await expiring.UpdateAsync(Stop);
        // An organisation that the host's own round has locked is left to that round.
        await Wait.UntilAsync(
            async () =>
                await host.InDbAsync(db =>
                    db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from memberships where late")
                        .SingleAsync(Stop)
                ) == others.Count,
            "Some stay in the wrong list"
        );
    }
}
