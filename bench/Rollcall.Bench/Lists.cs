using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Users;

namespace Rollcall.Bench;

/// <summary>The list of an organisation of 10,000 people.</summary>
internal static class Lists
{
    private const int Size = 25;

    public static async Task MeasureAsync()
    {
        await using var running = await Running.StartAsync(people: 10_000);
        var db = running.Db;
        var database = running.Database;
        var trust = await db.Organisations.SingleAsync(o => o.Code == "LM0");
        using var browser = await running.SignedInAsync();
        var list = Links.Users(trust.Id);
        running.Bytes = await browser.GetByteArrayAsync(list);

        await new Race("One page of 25 of 10,000 people, the query alone")
            .Add("page 1", 50, () => PageAsync(1))
            .Add("page 200", 50, () => PageAsync(200))
            .Add("page 400, the last", 50, () => PageAsync(400))
            .Add("the obvious way (join, sort, offset, count), page 1", 5, () => ObviousAsync(1))
            .Add("the obvious way, page 200", 5, () => ObviousAsync(200))
            .RunAsync();
        await new Race(
            $"The whole page of {running.Bytes.Length:N0} bytes over HTTP, from the session to the last byte"
        )
            .Add("page 1", 50, () => browser.GetByteArrayAsync(list))
            .Add("page 200", 50, () => browser.GetByteArrayAsync(list + "?page=200"))
            .Add("page 400, the last", 50, () => browser.GetByteArrayAsync(list + "?page=400"))
            .Add("the same bytes without a database", 50, () => browser.GetByteArrayAsync("/same-bytes"))
            .RunAsync();
        await new Race("The same, eight requests at a time")
            .Add("page 1", 10, () => AtOnceAsync(list))
            .Add("page 200", 10, () => AtOnceAsync(list + "?page=200"))
            .Add("the same bytes without a database", 10, () => AtOnceAsync("/same-bytes"))
            .RunAsync();

        Task PageAsync(int page) =>
            MemberList.PageAsync(database, trust.Id, page, Size, null, DateTimeOffset.UtcNow, default);

        async Task ObviousAsync(int page)
        {
            await using var count = database.Command(
                "select count(*) from memberships where organisation_id = $1 and removed_at is null",
                trust.Id
            );
            await count.ExecuteScalarAsync();
            await using var command = database.Command(
                """
                select u.id, u.first_name, u.last_name, u.email from memberships m join users u on u.id = m.user_id
                where m.organisation_id = $1 and m.removed_at is null
                order by u.first_name collate "en-GB-x-icu", u.last_name collate "en-GB-x-icu", u.email, u.id
                offset $2 limit $3
                """,
                trust.Id,
                (page - 1) * Size,
                Size
            );
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync()) { }
        }

        Task AtOnceAsync(string path) =>
            Task.WhenAll(Enumerable.Range(0, 8).Select(_ => browser.GetByteArrayAsync(path)));
    }
}
