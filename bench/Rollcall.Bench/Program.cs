using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rollcall;
using Rollcall.Bench;
using Rollcall.Data;
using Rollcall.Host;
using Rollcall.Users;

// The list of users of an organisation of 10,000 people. What counts are the ratios: every subject runs in turn in one run.
const int Size = 25;
var data = Directory.CreateTempSubdirectory("rollcall-bench-").FullName;
if (!OperatingSystem.IsWindows())
    File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
await using var postgres = await EmbeddedPostgres.StartAsync(data, NullLogger.Instance);
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.ClearProviders();
builder.Configuration.AddInMemoryCollection([new("Rollcall:Secret", Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)))]);
builder.Services.AddRollcall(builder.Configuration, postgres.ConnectionString);
await using var app = builder.Build();
await app.Services.MigrateRollcallAsync();
await DemonstrationData.SeedOnceAsync(app.Services, many: 10_000);
byte[] bytes = [];
app.UseRollcall();
app.MapRollcall();
app.MapGet("/same-bytes", () => Results.Bytes(bytes, "text/html; charset=utf-8"));
await app.StartAsync();

await using var scope = app.Services.CreateAsyncScope();
var (db, database) = (scope.ServiceProvider.GetRequiredService<Db>(), app.Services.GetRequiredService<NpgsqlDataSource>());
var trust = await db.Organisations.SingleAsync(o => o.Code == "LM0");
using var browser = await SignedInAsync();
var list = Links.Users(trust.Id);
bytes = await browser.GetByteArrayAsync(list);

await new Race("One page of 25 of 10,000 people, the query alone")
    .Add("page 1", 50, () => PageAsync(1))
    .Add("page 200", 50, () => PageAsync(200))
    .Add("page 400, the last", 50, () => PageAsync(400))
    .Add("the obvious way (join, sort, offset, count), page 1", 5, () => ObviousAsync(1))
    .Add("the obvious way, page 200", 5, () => ObviousAsync(200))
    .RunAsync();
await new Race($"The whole page of {bytes.Length:N0} bytes over HTTP, from the session to the last byte")
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

await SignIns.MeasureAsync(app, db);

Task PageAsync(int page) => People.PageAsync(db, trust.Id, page, Size, null, default);

async Task ObviousAsync(int page)
{
    await using var count = database.Command("select count(*) from memberships where organisation_id = $1 and removed_at is null", trust.Id);
    await count.ExecuteScalarAsync();
    await using var command = database.Command("""
        select u.id, u.first_name, u.last_name, u.email from memberships m join users u on u.id = m.user_id
        where m.organisation_id = $1 and m.removed_at is null
        order by u.first_name collate "en-GB-x-icu", u.last_name collate "en-GB-x-icu", u.email, u.id offset $2 limit $3
        """, trust.Id, (page - 1) * Size, Size);
    await using var rows = await command.ExecuteReaderAsync();
    while (await rows.ReadAsync())
    {
    }
}

Task AtOnceAsync(string path) => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => browser.GetByteArrayAsync(path)));

async Task<HttpClient> SignedInAsync()
{
    var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), UseProxy = false }) { BaseAddress = new Uri(app.Urls.First()) };
    var page = await client.GetStringAsync("/dev/sign-in");
    string Value(string name) => page.Split($"name=\"{name}\"")[1].Split("value=\"")[1].Split('"')[0];
    using var form = new FormUrlEncodedContent([new("userId", Value("userId")), new("__RequestVerificationToken", Value("__RequestVerificationToken"))]);
    using var answer = await client.PostAsync("/dev/sign-in", form);
    answer.EnsureSuccessStatusCode();
    return client;
}
