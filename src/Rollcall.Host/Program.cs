using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall;
using Rollcall.Dev;
using Rollcall.Host;

var print = args is ["create-support-user", ..] && args.Contains("--print", StringComparer.Ordinal);
if (print)
    args = [.. args.Where(arg => arg != "--print")];
var preset = args is [var first, ..] && Presets.Find(first) is not null ? first : null;
if (preset is not null)
    args = args[1..];
if (args is not ([] or ["import", "organisations", _] or ["create-support-user", _, _]) && !args[0].StartsWith('-'))
{
    await Console.Error.WriteLineAsync("""
        Usage:
          ./run                               start the service, with everything on
          ./run publish|claim|onboarding      start it with the settings of one kind of service
          ./run import organisations FILE     add the organisations of a CSV file, or bring them up to date
          ./run create-support-user NAME EMAIL [--print]
                                              invite a support user, such as the first one; --print shows the link
        """);
    return 2;
}

var builder = WebApplication.CreateBuilder(args);
if (Presets.Find(preset ?? builder.Configuration["ROLLCALL_PRESET"]) is { } settings)
    builder.Configuration.Sources.Insert(0, new JsonConfigurationSource { Path = Path.GetFileName(settings), FileProvider = new PhysicalFileProvider(Path.GetDirectoryName(settings)!) }); // what is set elsewhere counts more
var development = builder.Environment.IsDevelopment();
if (!int.TryParse(builder.Configuration["PORT"] ?? "5080", NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > IPEndPoint.MaxPort)
{
    await Console.Error.WriteLineAsync($"PORT must be a number up to {IPEndPoint.MaxPort}, not {builder.Configuration["PORT"]}");
    return 1;
}
var address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
if (builder.Configuration["urls"] is null)
{
    // Asked before anything is started; who takes it in between is told by the failure below.
    if (args is [] && IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port))
        return await PortInUseAsync();
    builder.WebHost.UseUrls(address);
}
if (development)
{
    if (builder.Configuration["Rollcall:PublicBaseUrl"] is null)
        builder.Configuration.AddInMemoryCollection([new("Rollcall:PublicBaseUrl", address)]);
    if (builder.Configuration["Rollcall:ServicePurpose"] is null)
        builder.Configuration.AddInMemoryCollection([new("Rollcall:ServicePurpose", "see and manage who belongs to your organisation")]);
    builder.Services.AddSingleton<TimeProvider>(new DevClock());
}
builder.WebHost.UseStaticWebAssets(); // a build that is not published finds its files, in any environment
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = 8 * 1024 * 1024;
});

using var logs = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
try
{
    var data = Path.GetFullPath(builder.Configuration["ROLLCALL_DATA"] ?? ".data");
    await using var embedded = builder.Configuration.GetConnectionString("Rollcall") is null
        ? await EmbeddedPostgres.StartAsync(data, logs.CreateLogger<EmbeddedPostgres>())
        : null;
    if (development && builder.Configuration["Rollcall:Secret"] is null)
        builder.Configuration.AddInMemoryCollection([new("Rollcall:Secret", await DevelopmentSecret.InAsync(data))]);
    builder.Services.AddRollcall(builder.Configuration, embedded?.ConnectionString ?? builder.Configuration.GetConnectionString("Rollcall")!);

    await using var app = builder.Build();
    _ = app.Services.GetRequiredService<IOptions<RollcallOptions>>().Value; // wrong settings stop here, before the schema is touched
    await app.Services.MigrateRollcallAsync();
    if (args is ["import", "organisations", var file])
        return await OrganisationImport.RunAsync(app.Services, file, Console.Out);
    if (args is ["create-support-user", var name, var email])
        return await SupportUserCommand.RunAsync(app.Services, name, email, print, Console.Out);
    var seed = builder.Configuration["ROLLCALL_SEED"];
    if (development && seed != "none")
        await DemonstrationData.SeedOnceAsync(app.Services, many: seed switch { "large" => 10_000, "million" => 1_000_000, _ => 0 });

    app.UseRollcall();
    app.MapRollcall();
    app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"Rollcall is at {string.Join(", ", app.Urls)}{(development ? " – sign in at /dev/sign-in, read emails at /dev/mailbox" : "")}"));
    await app.RunAsync();
    return 0;
}
catch (OptionsValidationException e)
{
    await Console.Error.WriteLineAsync("The settings are wrong:");
    foreach (var failure in e.Failures)
        await Console.Error.WriteLineAsync($"  {failure}");
    return 1;
}
catch (NpgsqlException e)
{
    await Console.Error.WriteLineAsync($"The database does not answer: {e.Message}");
    return 1;
}
catch (IOException e) when (e.InnerException is AddressInUseException)
{
    return await PortInUseAsync();
}

async Task<int> PortInUseAsync()
{
    await Console.Error.WriteLineAsync($"Port {port} is in use. Stop what uses it, or choose another: PORT=5081 ./run");
    return 1;
}
