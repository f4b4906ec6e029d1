using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Data;
using Rollcall.Tests.Support;
using Rollcall.Web;

namespace Rollcall.Tests.Web;

public sealed class SessionTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R15_A_session_that_is_read_too_late_leaves_no_one_on_a_request_that_went_on_without_it()
    {
        await using var host = await app.StartAsync([]);
        var user = await host.MakeUserAsync("Late");
        var key = WebEncoders.Base64UrlEncode("a session of a slow database"u8);
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                insert into sessions (id_hash, user_id, created_at, seen_at, id, method)
                values (sha256(convert_to({key}, 'UTF8')), {user.Id}, now(), now(), {Guid.NewGuid()}, 'pwd')
                """
            )
        );
        // One connection, so that having it means that the read has ended.
        await using var pool = Connection.To(
            new NpgsqlConnectionStringBuilder(host.Database) { MaxPoolSize = 1, CommandTimeout = 10 }.ConnectionString
        );
        var http = new DefaultHttpContext(); // no page: answered by the error page, which does not wait for long
        http.Request.Method = HttpMethods.Get;
        var requests = new HttpContextAccessor { HttpContext = http };
        var session = new Session(pool, TimeProvider.System, new DatabaseTimeouts(pool), requests);
        Assert.NotNull(await session.RetrieveAsync(key));
        http.Features.Set<SignedIn>(null);

        await using (var blocked = new NpgsqlConnection(app.OwnerOf(host.Database) + ";Pooling=false"))
        {
            await blocked.OpenAsync(Stop);
            await using var holding = await blocked.BeginTransactionAsync(Stop);
            await using var hold = new NpgsqlCommand("lock table sessions in access exclusive mode", blocked);
            await hold.ExecuteNonQueryAsync(Stop);
            Assert.Null(await session.RetrieveAsync(key));
            Assert.Null(http.Features.Get<SignedIn>());
        }

        // The next request gets the connection when the late read has ended.
        requests.HttpContext = new DefaultHttpContext();
        Assert.NotNull(await session.RetrieveAsync(key));
        Assert.Null(http.Features.Get<SignedIn>());
    }
}
