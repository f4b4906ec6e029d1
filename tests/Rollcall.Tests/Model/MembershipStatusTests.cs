using Npgsql;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Model;

public sealed class MembershipStatusTests(TheApp app)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    /// <summary>E: paused here, paused everywhere, registered, and when the link runs out; and what that makes.</summary>
    public static TheoryData<bool, bool, bool, int?, string> Facts()
    {
        var facts = new TheoryData<bool, bool, bool, int?, string>();
        foreach (var paused in new[] { false, true })
            foreach (var accountPaused in new[] { false, true })
                foreach (var registered in new[] { false, true })
                    foreach (var expires in new int?[] { null, -1, 0, 1 })
                    {
                        var status = paused || accountPaused ? "Inactive" : registered ? "Active" : expires is null or > 0 ? "Pending" : "Expired";
                        facts.Add(paused, accountPaused, registered, expires, status);
                    }
        return facts;
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public async Task E_S4_13_S4_14_S4_16_S4_17_Every_combination_of_facts_has_one_status_in_code_and_in_SQL(bool paused, bool accountPaused, bool registered, int? expiresIn, string status)
    {
        DateTimeOffset? When(bool happened) => happened ? Now.AddDays(-1) : null;
        var expires = expiresIn is { } seconds ? Now.AddSeconds(seconds) : (DateTimeOffset?)null;
        Assert.Equal(status, MembershipStatuses.Of(When(paused), When(accountPaused), When(registered), expires, Now).ToString());

        await using var database = Connection.To(app.Main.Database);
        await using var command = database.CreateCommand($"""
            select {MembershipStatuses.Sql}
            from (select @paused::timestamptz as paused_at, @expires::timestamptz as expires_at) m, (select @account::timestamptz as paused_at, @registered::timestamptz as registered_at) u
            """);
        foreach (var (name, value) in new[] { ("paused", When(paused)), ("account", When(accountPaused)), ("registered", When(registered)), ("expires", expires), ("now", Now) })
            command.Parameters.Add(new NpgsqlParameter(name, (object?)value ?? DBNull.Value));
        Assert.Equal(status, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }
}
