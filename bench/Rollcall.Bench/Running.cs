using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rollcall.Data;
using Rollcall.Host;

namespace Rollcall.Bench;

/// <summary>The product as it runs, on a database server of its own, with made-up people.</summary>
internal sealed class Running : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rollcall-bench-").FullName;
    private EmbeddedPostgres postgres = null!;
    private AsyncServiceScope scope;

    public WebApplication App { get; private set; } = null!;
    public Db Db => scope.ServiceProvider.GetRequiredService<Db>();
    public NpgsqlDataSource Database => App.Services.GetRequiredService<NpgsqlDataSource>();

    /// <summary>What /same-bytes answers: what a page costs without a page.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <param name="people">In one organisation, beside the first look's; 0 for none.</param>
    public static async Task<Running> StartAsync(int people)
    {
        var running = new Running();
        if (!OperatingSystem.IsWindows()) // run by root, the server belongs to another user
        {
            File.SetUnixFileMode(
                running.folder,
                File.GetUnixFileMode(running.folder)
                    | UnixFileMode.GroupRead
                    | UnixFileMode.GroupExecute
                    | UnixFileMode.OtherRead
                    | UnixFileMode.OtherExecute
            );
        }

        running.postgres = await EmbeddedPostgres.StartAsync(running.folder, NullLogger.Instance);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([
            new(
                "Rollcall:Secret",
                Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32))
            ),
        ]);
        builder.Services.AddRollcall(builder.Configuration, running.postgres.OwnerConnectionString);
        running.App = builder.Build();
        await running.App.Services.MigrateRollcallAsync();
        await DemonstrationData.SeedOnceAsync(running.App.Services, people);
        running.App.UseRollcall();
        running.App.MapRollcall();
        running.App.MapGet("/same-bytes", () => Results.Bytes(running.Bytes, "text/html; charset=utf-8"));
        await running.App.StartAsync();
        running.scope = running.App.Services.CreateAsyncScope();
        return running;
    }

    /// <summary>A browser of the first of the support staff.</summary>
    public async Task<HttpClient> SignedInAsync()
    {
        var client = new HttpClient(
            new SocketsHttpHandler { CookieContainer = new CookieContainer(), UseProxy = false }
        )
        {
            BaseAddress = new Uri(App.Urls.First()),
        };
        var page = await client.GetStringAsync("/dev/sign-in");
        using var form = new FormUrlEncodedContent([
            new("userId", Value(page, "userId")),
            new(Token, Value(page, Token)),
        ]);
        using var answer = await client.PostAsync("/dev/sign-in", form);
        answer.EnsureSuccessStatusCode();
        return client;
    }

    public const string Token = "__RequestVerificationToken";

    public static string Value(string page, string field) =>
        page.Split($"name=\"{field}\"")[1].Split("value=\"")[1].Split('"')[0];

    public async ValueTask DisposeAsync()
    {
        await scope.DisposeAsync();
        await App.DisposeAsync();
        await postgres.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
