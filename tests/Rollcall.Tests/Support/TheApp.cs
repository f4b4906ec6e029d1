using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Host;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Tests.Support;
using Rollcall.Web;

[assembly: AssemblyFixture(typeof(TheApp))]

namespace Rollcall.Tests.Support;

/// <summary>One PostgreSQL server for the whole run, with a migrated template database for the others.</summary>
public sealed class Database : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("rollcall-tests-").FullName;
    private EmbeddedPostgres server = null!;
    private int made;

    public async ValueTask InitializeAsync()
    {
        // run by root, the server belongs to another user, who must be able to come in
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                folder,
                File.GetUnixFileMode(folder)
                    | UnixFileMode.GroupRead
                    | UnixFileMode.GroupExecute
                    | UnixFileMode.OtherRead
                    | UnixFileMode.OtherExecute
            );
        }

        server = await EmbeddedPostgres.StartAsync(
            folder,
            NullLogger.Instance,
            new() { Fsync = false },
            TestContext.Current.CancellationToken
        );
        await RunAsync("create database template_rollcall");
        await using var template = Connection.To(Owner(To("template_rollcall")) + ";Pooling=false");
        await new Migrator(template, NullLogger<Migrator>.Instance).MigrateAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The same database for the role that owns it.</summary>
    public string Owner(string connectionString)
    {
        var owner = new NpgsqlConnectionStringBuilder(server.OwnerConnectionString);
        return new NpgsqlConnectionStringBuilder(connectionString)
        {
            Username = owner.Username,
            Password = owner.Password,
        }.ConnectionString;
    }

    /// <summary>The connection string of a new database at this version, with nothing in it.</summary>
    public async Task<string> NewAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref made)}");
        await RunAsync($"create database {name} template template_rollcall");
        return To(name);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>
    /// More patient than in production: fifty people at once, beside other tests, keep two cores busy for seconds.
    /// </summary>
    private string To(string database) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            Database = database,
            Timeout = 30,
            CommandTimeout = 30,
            Options = "-c lock_timeout=30s",
        }.ConnectionString;

    private async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(server.OwnerConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>
/// The real application on a real port with its own database, shared by most tests. Each test makes its own people and
/// organisations.
/// </summary>
public sealed class TheApp : IAsyncLifetime
{
    /// <summary>The same for every instance, so that each can read what another one protected.</summary>
    public static readonly string Secret = Convert.ToBase64String(
        System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)
    );

    private readonly Database database = new();
    private Instance host = null!;

    /// <summary>The OpenID Connect provider that people of <see cref="Main"/> may sign in through.</summary>
    internal IdentityProvider Provider { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await database.InitializeAsync();
        Provider = await IdentityProvider.StartAsync();
        // Any Host header gets as far as the pages, so that tests see what a forged one does there.
        host = await StartAsync(new(Provider.Settings(), StringComparer.Ordinal) { ["AllowedHosts"] = "*" });
        await Provider.KnowAsync(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await Provider.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>The connection string of a new database at this version, with nothing in it.</summary>
    public Task<string> NewDatabaseAsync() => database.NewAsync();

    /// <summary>The same database for the role that owns it; the service works with one that owns nothing.</summary>
    public string OwnerOf(string connectionString) => database.Owner(connectionString);

    /// <summary>Another instance with its own settings, and its own database unless one is given.</summary>
    public async Task<Instance> StartAsync(
        Dictionary<string, string?> settings,
        string? connectionString = null,
        Action<IServiceCollection>? services = null
    )
    {
        settings["ConnectionStrings:Rollcall"] = connectionString ?? await database.NewAsync();
        settings.TryAdd("ConnectionStrings:RollcallOwner", database.Owner(settings["ConnectionStrings:Rollcall"]!));
        settings.TryAdd("ROLLCALL_SEED", "none");
        settings.TryAdd("environment", "Development");
        settings.TryAdd("Rollcall:Secret", Secret);
        var started = new Instance(settings, services);
        started.UseKestrel(0);
        started.StartServer();
        if (!settings.ContainsKey("Rollcall:PublicBaseUrl")) // the port is known only now
        {
            started.Services.GetRequiredService<IOptions<RollcallOptions>>().Value.PublicBaseUrl = started.Address;
        }

        return started;
    }

    internal Instance Main => host;

    /// <summary>A browser that is not signed in.</summary>
    internal Client Client() => host.Client();

    /// <summary>A browser signed in as a new support user.</summary>
    internal Task<Client> SupportAsync() => host.SupportAsync();

    internal Task<T> InDbAsync<T>(Func<Db, Task<T>> work) => host.InDbAsync(work);
}

/// <summary>One running instance.</summary>
public sealed class Instance(Dictionary<string, string?> settings, Action<IServiceCollection>? services)
    : WebApplicationFactory<Program>
{
    public string Database => settings["ConnectionStrings:Rollcall"]!;

    public Uri Address => ClientOptions.BaseAddress;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(settings["environment"]!);
        // many instances at once: no line could be told from another's
        builder.UseSetting("Logging:Console:LogLevel:Default", "None");
        builder.ConfigureTestServices(all => all.AddSingleton<IStartupFilter, ErrorPages>());
        foreach (var (key, value) in settings.Where(s => s.Value is not null))
        {
            builder.UseSetting(key, value);
        }

        if (services is not null)
        {
            builder.ConfigureTestServices(services);
        }
    }

    internal Client Client() => new(Address);

    internal async Task<Client> SupportAsync()
    {
        var user = await MakeUserAsync(support: true);
        return await Client().SignInAsync(user.Email);
    }

    internal NpgsqlDataSource Pool => Services.GetRequiredService<NpgsqlDataSource>();

    internal async Task<T> InDbAsync<T>(Func<Db, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<Db>());
    }

    /// <summary>Uses a service of the application once.</summary>
    internal async Task<T> DoAsync<TService, T>(Func<TService, Task<T>> work)
        where TService : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>
    /// Runs a statement as the role that owns the tables, because the service's own role has fewer rights.
    /// </summary>
    internal async Task AsOwnerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(
            settings["ConnectionStrings:RollcallOwner"] + ";Pooling=false"
        );
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Runs the hourly clean-up.</summary>
    internal Task CleanUpAsync() =>
        Services
            .GetServices<IHostedService>()
            .OfType<Housekeeping>()
            .Single()
            .CleanAsync(TestContext.Current.CancellationToken);

    internal Task<Organisation> MakeOrganisationAsync(string? name = null) =>
        InDbAsync(async db =>
        {
            var organisation = new Organisation { Name = name ?? Some.Name("Organisation"), CreatedAt = Now };
            db.Add(organisation);
            await db.SaveChangesAsync();
            return organisation;
        });

    /// <summary>A person who has signed in before, unless <paramref name="registered"/> is false.</summary>
    internal Task<User> MakeUserAsync(
        string first = "Jo",
        string last = "Bloggs",
        string? email = null,
        bool registered = true,
        bool support = false
    ) =>
        InDbAsync(async db =>
        {
            Assert.True(EmailAddress.TryParse(email ?? Some.Email(), out var address));
            var user = new User
            {
                Email = address.Display,
                EmailKey = address.Key,
                FirstName = first,
                LastName = last,
                CreatedAt = Now,
                RegisteredAt = registered ? Now : null,
                SupportSince = support ? Now : null,
            };
            db.Add(user);
            await db.SaveChangesAsync();
            return user;
        });

    internal Task<Membership> JoinAsync(User user, Organisation organisation, string role = Roles.Member) =>
        InDbAsync(async db =>
        {
            var membership = new Membership
            {
                UserId = user.Id,
                OrganisationId = organisation.Id,
                Role = role,
                AddedAt = Now,
            };
            db.Add(membership);
            await db.SaveChangesAsync();
            return membership;
        });

    /// <summary>A new person who is a member of this organisation.</summary>
    internal async Task<User> MemberOfAsync(
        Organisation organisation,
        string first = "Jo",
        string last = "Bloggs",
        string? email = null,
        bool registered = true,
        string role = Roles.Member
    )
    {
        var user = await MakeUserAsync(first, last, email, registered);
        await JoinAsync(user, organisation, role);
        return user;
    }

    /// <summary>A new person who is an admin of this organisation.</summary>
    internal Task<User> AdminOfAsync(
        Organisation organisation,
        string first = "Jo",
        string last = "Bloggs",
        string? email = null,
        bool registered = true
    ) => MemberOfAsync(organisation, first, last, email, registered, Roles.Admin);

    /// <summary>Pauses the whole account.</summary>
    internal Task PauseAsync(User user) =>
        InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.PausedAt, x => x.CreatedAt))
        );

    /// <summary>Pauses the person in one organisation.</summary>
    internal Task PauseAsync(Membership membership) =>
        InDbAsync(db =>
            db.Memberships.Where(m => m.Id == membership.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.PausedAt, x => x.AddedAt))
        );

    internal Task<ServiceArea> MakeAreaAsync(Organisation organisation, string name) =>
        InDbAsync(async db =>
        {
            var area = new ServiceArea
            {
                OrganisationId = organisation.Id,
                Name = name,
                CreatedAt = Now,
            };
            db.Add(area);
            await db.SaveChangesAsync();
            return area;
        });

    /// <summary>Limits a member to service areas of one organisation. Without any, they may use all of it.</summary>
    internal Task LimitAsync(User member, params IEnumerable<ServiceArea> areas) =>
        InDbAsync(async db =>
        {
            foreach (var area in areas)
            {
                var membership = await db.Memberships.SingleAsync(m =>
                    m.OrganisationId == area.OrganisationId && m.UserId == member.Id && m.RemovedAt == null
                );
                db.Add(
                    new AccessGrant
                    {
                        OrganisationId = area.OrganisationId,
                        MembershipId = membership.Id,
                        ServiceAreaId = area.Id,
                    }
                );
            }

            return await db.SaveChangesAsync();
        });

    /// <summary>An invited person who has not signed in yet, with their link.</summary>
    internal async Task<Invited> InviteAsync(
        Organisation? organisation = null,
        string role = Roles.Member,
        bool secondFactor = false
    )
    {
        organisation ??= await MakeOrganisationAsync();
        if (secondFactor)
        {
            await InDbAsync(db =>
                db.Organisations.Where(o => o.Id == organisation.Id)
                    .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, true))
            );
        }

        var user = await MakeUserAsync(registered: false);
        var membership = await JoinAsync(user, organisation, role);
        await using var scope = Services.CreateAsyncScope();
        await scope
            .ServiceProvider.GetRequiredService<Invitations>()
            .InviteAsync(user, organisation, membership, null, Now);
        return new(user, organisation, membership, await LinkAsync(user));
    }

    /// <summary>As if the person had been invited, and emailed, this much earlier.</summary>
    internal Task LetTimePassAsync(Guid user, TimeSpan time) =>
        InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                with earlier as (update invitations set sent_at = sent_at - {time} where user_id = {user})
                update outgoing_messages set created_at = created_at - {time}
                where to_key = (select email_key from users where id = {user})
                """
            )
        );

    /// <summary>The newest link sent to this person.</summary>
    internal async Task<string> LinkAsync(User user)
    {
        var id = await InDbAsync(db =>
            db.Invitations.Where(i => i.UserId == user.Id).OrderByDescending(i => i.Id).Select(i => i.Id).FirstAsync()
        );
        return Links.Register(
            LinkToken.Of(Services.GetRequiredService<Rollcall.Security.Secret>(), LinkToken.Invitation, id)
        );
    }

    private DateTimeOffset Now => Services.GetRequiredService<TimeProvider>().GetUtcNow();
}

/// <summary>An invited person.</summary>
internal sealed record Invited(User User, Organisation Organisation, Membership Membership, string Link);
