using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using Rollcall;
using Rollcall.Data;
using Rollcall.Dev;
using Rollcall.Host;
using Rollcall.Security;

var command = CommandLine.Parse(args);
if (command.Problem is not null)
{
    await Console.Error.WriteLineAsync(command.Problem);
    return command.ExitCode;
}

args = command.Arguments;

try
{
    return await RunAsync();
}
catch (StartException e)
{
    return await FailAsync(e.Message);
}
catch (OptionsValidationException e)
{
    return await FailAsync(string.Join(Environment.NewLine + "  ", e.Failures.Prepend("The settings are wrong:")));
}
catch (OtherSecretException e)
{
    return await FailAsync(e.Message);
}
catch (Exception e) when (Connection.IsFailure(e))
{
    return await FailAsync($"The database does not answer: {e.Message}");
}
catch (InvalidDataException e) // a settings file is not valid JSON
{
    return await FailAsync($"{e.Message} {e.InnerException?.Message}".TrimEnd());
}

async Task<int> RunAsync()
{
    var builder = WebApplication.CreateBuilder(args);
    var configuration = builder.Configuration;
    if ((command.Preset ?? configuration["ROLLCALL_PRESET"]) is { Length: > 0 } name)
    {
        var settings =
            Presets.Find(name)
            ?? throw new StartException($"There is no preset “{name}”. The presets are {Presets.Names}.");
        // Settings from other sources override the preset.
        configuration.Sources.Insert(
            0,
            new JsonConfigurationSource
            {
                Path = Path.GetFileName(settings),
                FileProvider = new PhysicalFileProvider(Path.GetDirectoryName(settings)!),
            }
        );
    }

    var development = builder.Environment.IsDevelopment();
    if (
        !int.TryParse(configuration["PORT"] ?? "5080", NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        || port > IPEndPoint.MaxPort
    )
    {
        throw new StartException($"PORT must be a number up to {IPEndPoint.MaxPort}, not {configuration["PORT"]}");
    }

    var address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
    var data = Path.GetFullPath(configuration["ROLLCALL_DATA"] ?? ".data");
    if (configuration["urls"] is null)
    {
        // Checked before anything starts. A port taken after this check is reported by the failure below.
        if (
            args is []
            && IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port)
        )
        {
            throw PortInUse();
        }

        builder.WebHost.UseUrls(address);
    }
    if (development)
    {
        if (configuration["Rollcall:PublicBaseUrl"] is null)
        {
            configuration.AddInMemoryCollection([new("Rollcall:PublicBaseUrl", address)]);
        }

        if (configuration["Rollcall:ServicePurpose"] is null)
        {
            configuration.AddInMemoryCollection([
                new("Rollcall:ServicePurpose", "see and manage who belongs to your organisation"),
            ]);
        }

        builder.Services.AddSingleton<TimeProvider>(provider => new DevClock(
            provider.GetRequiredService<DatabaseClock>()
        ));
    }
    builder.WebHost.UseStaticWebAssets(); // an unpublished build finds its static files in any environment
    builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 8 * 1024 * 1024;
    });

    using var logs = LoggerFactory.Create(logging =>
        logging.AddConfiguration(configuration.GetSection("Logging")).AddConsole()
    );
    var server = DatabaseAddress.In(configuration);
    await using var embedded = server is null
        ? await EmbeddedPostgres.StartAsync(data, logs.CreateLogger<EmbeddedPostgres>())
        : null;
    var database = server ?? new(embedded!.ConnectionString, embedded.OwnerConnectionString);
    if (server is not null)
    {
        await server.WaitAsync(DatabaseAddress.TimeLimit(configuration), Console.Error);
    }

    if (development && configuration["Rollcall:Secret"] is null)
    {
        configuration.AddInMemoryCollection([new("Rollcall:Secret", await DevelopmentSecret.InAsync(data))]);
    }

    builder.Services.AddRollcall(configuration, database.Service);
    if (args is ["rotate-secret"])
    {
        builder.Services.AddSingleton(_ => RotateSecretCommand.Connect(database));
    }

    await using var app = builder.Build();
    // Invalid settings stop the start here, before the schema is touched.
    _ = app.Services.GetRequiredService<IOptions<RollcallOptions>>().Value;
    if (args is ["rotate-secret"])
    {
        return await RotateSecretCommand.RunAsync(
            app.Services,
            database,
            configuration["ROLLCALL_OLD_SECRET"],
            Console.Out
        );
    }

    await app.Services.MigrateRollcallAsync(database.Owner);
    if (args is ["import", "organisations", var file])
    {
        return await OrganisationImport.RunAsync(app.Services, file, Console.Out);
    }

    if (args is ["create-support-user", var person, var email])
    {
        return await SupportUserCommand.RunAsync(app.Services, person, email, command.Prints, Console.Out);
    }

    var seed = configuration["ROLLCALL_SEED"];
    if (development && seed != "none")
    {
        await DemonstrationData.SeedOnceAsync(
            app.Services,
            many: seed switch
            {
                "large" => 10_000,
                "million" => 1_000_000,
                _ => 0,
            },
            database.Owner
        );
    }

    app.UseRollcall();
    app.MapRollcall();
    app.Lifetime.ApplicationStarted.Register(() =>
    {
        var rest = development ? " – sign in at /dev/sign-in, read emails at /dev/mailbox" : "";
        Console.WriteLine($"Rollcall is at {string.Join(", ", app.Urls)}{rest}");
        if (embedded is { OwnsServer: false })
        {
            Console.WriteLine(
                $"Another Rollcall runs with the data in {data}. This is a second instance, on the same database."
            );
        }
    });
    using var stopping = new CancellationTokenSource();
    var keeping = embedded?.KeepRunningAsync(stopping.Token) ?? Task.CompletedTask;
    try
    {
        await app.RunAsync();
        return 0;
    }
    catch (IOException e) when (e.InnerException is AddressInUseException)
    {
        throw PortInUse();
    }
    catch (Exception e) when (e is FormatException or SocketException)
    {
        throw new StartException($"Rollcall cannot listen at {configuration["urls"] ?? address}: {e.Message}", e);
    }
    finally
    {
        await stopping.CancelAsync();
        await keeping;
    }

    StartException PortInUse() =>
        new(
            EmbeddedPostgres.IsInUse(data)
                ? $"Port {port} is in use, and Rollcall already runs with the data in {data}. Stop it, or "
                    + "start a second instance on the same database: PORT=5081 ./run"
                : $"Port {port} is in use. Stop what uses it, or choose another: PORT=5081 ./run"
        );
}

static async Task<int> FailAsync(string why)
{
    await Console.Error.WriteLineAsync(why);
    return 1;
}
