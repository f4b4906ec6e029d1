using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using Rollcall.Host;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Host;

/// <summary>An operator's mistake is reported in one sentence, with exit code 1 and without a stack trace.</summary>
public sealed class StartTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "ConnectionStrings__Rollcall=",
        "ConnectionStrings:Rollcall is empty. Leave it out for the database that comes with Rollcall."
    )]
    [InlineData("ConnectionStrings__Rollcall=Host=db;Hots=x", "ConnectionStrings:Rollcall is not a connection string")]
    [InlineData("ConnectionStrings__Rollcall=rubbish", "ConnectionStrings:Rollcall is not a connection string")]
    [InlineData("ConnectionStrings__Rollcall=Database=x", "ConnectionStrings:Rollcall names no Host.")]
    [InlineData(
        "ConnectionStrings__Rollcall=postgres://",
        "ConnectionStrings:Rollcall is not an address such as postgres://user:password@host:5432/database."
    )]
    [InlineData(
        "ConnectionStrings__Rolcall=Host=db",
        "ConnectionStrings:Rolcall is not a setting. Did you mean ConnectionStrings:Rollcall?"
    )]
    [InlineData(
        "ConnectionStrings__RollcallOwner=Host=db",
        "ConnectionStrings:RollcallOwner is set, and ConnectionStrings:Rollcall is not."
    )]
    [InlineData(
        "ROLLCALL_PRESET=nothing",
        "There is no preset “nothing”. The presets are claim, onboarding and publish."
    )]
    [InlineData(
        "ROLLCALL_DATABASE_WAIT=soon;ConnectionStrings__Rollcall=Host=db",
        "ROLLCALL_DATABASE_WAIT must be a number of seconds, not soon"
    )]
    public Task What_is_wrong_with_the_database_or_the_preset_is_said(string environment, string words) =>
        RefusedAsync(Environment(environment), words);

    [Theory]
    [InlineData("Rollcall__Emial__Sender=Smtp", "Rollcall:Emial is not a setting. Did you mean Rollcall:Email?")]
    [InlineData(
        "Rollcall__Email__Sendr=Smtp",
        "Rollcall:Email:Sendr is not a setting. Did you mean Rollcall:Email:Sender?"
    )]
    [InlineData("Rollcall__Xyzzy=1", "Rollcall:Xyzzy is not a setting")]
    [InlineData("Rolcall__ServiceName=x", "Rolcall is not a section of settings. Did you mean Rollcall?")]
    [InlineData("Rollcall__UndoMinutes=ten", "Rollcall:UndoMinutes must be a whole number, not “ten”")]
    [InlineData("Rollcall__UndoMinutes=", "Rollcall:UndoMinutes must be a whole number, not “”")]
    [InlineData("Rollcall__InvitationHours=long", "Rollcall:InvitationHours must be a number, not “long”")]
    [InlineData("Rollcall__BulkInvitations=maybe", "Rollcall:BulkInvitations must be true or false, not “maybe”")]
    [InlineData(
        "Rollcall__Email__Sender=Pigeon",
        "Rollcall:Email:Sender must be one of Mailbox, Smtp, Notify, not “Pigeon”"
    )]
    [InlineData("Rollcall__Email=Smtp", "Rollcall:Email is a group of settings, such as Rollcall:Email:Sender")]
    [InlineData(
        "Rollcall__Roles__0__Manages=true",
        "Rollcall:Roles:0:Manages is not a setting. Did you mean Rollcall:Roles:0:ManagesUsers?"
    )]
    [InlineData(
        "Rollcall__SignIn__Providers__0__VerifiesEmails=sometimes",
        "Rollcall:SignIn:Providers:0:VerifiesEmails must be true or false, not “sometimes”"
    )]
    [InlineData("Rollcall__Retention__Audit=1", "Rollcall:Retention: The field Audit must be between 90 and 36525.")]
    public async Task Settings_that_do_not_exist_or_are_of_another_type_are_named(string environment, string words)
    {
        var settings = Environment(environment);
        settings["ConnectionStrings__Rollcall"] = await app.NewDatabaseAsync();
        var (code, _, errors) = await HostProcess.RunAsync(settings);
        Assert.Equal((1, "The settings are wrong:"), (code, errors.Split(System.Environment.NewLine)[0]));
        Assert.Contains("  " + words + System.Environment.NewLine, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_preset_or_command_that_does_not_exist_is_named()
    {
        var (code, _, errors) = await HostProcess.RunAsync(new Dictionary<string, string?>(), "publsh");
        Assert.Equal(
            (
                1,
                "There is no preset or command “publsh”. The presets are claim, onboarding and publish; "
                    + "./run help lists the commands."
            ),
            (code, errors.Trim())
        );
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_used_is_named()
    {
        var file = Path.GetTempFileName();
        await RefusedAsync(
            new() { ["ROLLCALL_DATA"] = Path.Combine(file, "data") },
            $"The data folder {file}/data cannot be used: "
        );
        await RefusedAsync(
            new()
            {
                ["ROLLCALL_DATA"] = Path.Combine(file, "data"),
                ["ConnectionStrings__Rollcall"] = await app.NewDatabaseAsync(),
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
            },
            $"The data folder {file}/data cannot be used: "
        );
        File.Delete(file);
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await RefusedAsync(
            new() { ["ASPNETCORE_URLS"] = null, ["PORT"] = $"{port}" },
            $"Port {port} is in use. Stop what uses it, or choose another: PORT=5081 ./run"
        );
    }

    [Fact]
    public async Task An_address_that_is_none_is_named() =>
        await RefusedAsync(
            await ServiceAsync(new() { ["ASPNETCORE_URLS"] = "nonsense" }),
            "Rollcall cannot listen at nonsense: "
        );

    [Fact]
    public async Task A_role_without_rights_is_refused_before_anything_is_touched()
    {
        var database = await app.NewDatabaseAsync();
        await using (var owner = new NpgsqlConnection(app.OwnerOf(database) + ";Pooling=false"))
        {
            await owner.OpenAsync(Stop);
            await using var empty = new NpgsqlCommand(
                "drop schema public cascade; create schema public; grant usage on schema public to public",
                owner
            );
            await empty.ExecuteNonQueryAsync(Stop);
        }

        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await RefusedAsync(
            await ServiceAsync(new() { ["ConnectionStrings__Rollcall"] = database }),
            $"The role rollcall_service may not make tables in the database {name}. Give it the right to: "
                + "`grant create on schema public to rollcall_service`"
        );
    }

    [Fact]
    public async Task A_wrong_password_and_a_database_that_does_not_exist_are_said_at_once()
    {
        var database = new NpgsqlConnectionStringBuilder(await app.NewDatabaseAsync());
        var where = $"{database.Host}:{database.Port}";
        await RefusedAsync(
            await ServiceAsync(
                new()
                {
                    ["ConnectionStrings__Rollcall"] = new NpgsqlConnectionStringBuilder(database.ConnectionString)
                    {
                        Password = "wrong",
                    }.ConnectionString,
                }
            ),
            $"The database at {where} did not let Rollcall in: password authentication failed for user "
                + "\"rollcall_service\"."
        );
        await RefusedAsync(
            await ServiceAsync(
                new()
                {
                    ["ConnectionStrings__Rollcall"] = new NpgsqlConnectionStringBuilder(database.ConnectionString)
                    {
                        Database = "nowhere",
                    }.ConnectionString,
                }
            ),
            $"The database at {where} did not let Rollcall in: database \"nowhere\" does not exist."
        );
    }

    [Fact]
    public async Task A_server_that_is_too_old_is_refused()
    {
        using var server = new OldServer("14.20");
        await RefusedAsync(
            await ServiceAsync(
                new()
                {
                    ["ConnectionStrings__Rollcall"] =
                        $"Host=127.0.0.1;Port={server.Port};Username=x;SSL Mode=Disable;Server "
                        + "Compatibility Mode=NoTypeLoading",
                }
            ),
            "The database server is PostgreSQL 14, and Rollcall needs PostgreSQL 15 or later."
        );
        Assert.Empty(server.Queries);
    }

    [Fact]
    public async Task A_database_that_is_still_starting_is_waited_for_and_that_is_said()
    {
        var database = new NpgsqlConnectionStringBuilder(await app.NewDatabaseAsync());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var address = new DatabaseAddress(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Port = port }.ConnectionString,
            null
        );
        using var said = new StringWriter();
        var waiting = address.WaitAsync(TimeSpan.FromMinutes(5), said);
        await Wait.UntilAsync(
            () =>
                Task.FromResult(
                    said.ToString()
                        .Contains(
                            $"Waiting up to 300 seconds for the database at {database.Host}:{port}: ",
                            StringComparison.Ordinal
                        )
                ),
            "Nothing was said"
        );
        Assert.False(waiting.IsCompleted);
        using var forward = new Forward(port, database.Port);
        await waiting;

        var gone = new DatabaseAddress("Host=127.0.0.1;Port=1", null);
        var refused = await Assert.ThrowsAsync<StartException>(() => gone.WaitAsync(TimeSpan.Zero, TextWriter.Null));
        Assert.StartsWith(
            "The database at 127.0.0.1:1 did not answer within 0 seconds: ",
            refused.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_host_name_that_does_not_resolve_is_waited_for_and_then_said_in_a_sentence()
    {
        await RefusedAsync(
            await ServiceAsync(
                new()
                {
                    ["ConnectionStrings__Rollcall"] = "Host=does-not-exist.invalid;Username=x",
                    ["ROLLCALL_DATABASE_WAIT"] = "0",
                }
            ),
            "The database at does-not-exist.invalid:5432 did not answer within 0 seconds: "
        );
        using var said = new StringWriter();
        var gone = new DatabaseAddress("Host=does-not-exist.invalid;Username=x", null);
        await Assert.ThrowsAsync<StartException>(() => gone.WaitAsync(TimeSpan.FromSeconds(1), said));
        Assert.StartsWith("Waiting up to 1 seconds for the database", said.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "postgres://ann:p%40ss%2Fword@db.example.com:6432/people?sslmode=verify-full&application_name=Roll",
        "Host=db.example.com;Port=6432;Database=people;Username=ann;Password=p@ss/word;SSL "
            + "Mode=VerifyFull;Application Name=Roll"
    )]
    [InlineData("postgresql://db.example.com/people", "Host=db.example.com;Database=people")]
    public void The_form_that_hosting_services_use_is_understood(string uri, string meant)
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager
        {
            ["ConnectionStrings:Rollcall"] = uri,
        };
        Assert.Equal(
            new NpgsqlConnectionStringBuilder(meant).ConnectionString,
            DatabaseAddress.In(configuration)!.Service
        );
    }

    private static Dictionary<string, string?> Environment(string pairs) =>
        pairs
            .Split(pairs.StartsWith("ROLLCALL_", StringComparison.Ordinal) ? ';' : '\n')
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => (string?)pair[1], StringComparer.Ordinal);

    /// <summary>All that a service needs outside Development.</summary>
    private async Task<Dictionary<string, string?>> ServiceAsync(Dictionary<string, string?> environment)
    {
        foreach (
            var (name, value) in new Dictionary<string, string?>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ConnectionStrings__Rollcall"] = environment.ContainsKey("ConnectionStrings__Rollcall")
                    ? null
                    : app.OwnerOf(await app.NewDatabaseAsync()),
                ["Rollcall__PublicBaseUrl"] = "https://people.example.com",
                ["Rollcall__Secret"] = TheApp.Secret,
                ["Rollcall__Email__Sender"] = "Smtp",
                ["Rollcall__ServicePurpose"] = "see who belongs to your organisation",
            }
        )
        {
            environment.TryAdd(name, value);
        }

        return environment;
    }

    private static async Task RefusedAsync(Dictionary<string, string?> environment, string words)
    {
        var (code, _, errors) = await HostProcess.RunAsync(environment);
        Assert.StartsWith(words, errors, StringComparison.Ordinal);
        Assert.Equal((1, 1), (code, errors.TrimEnd().Split('\n').Length));
    }

    /// <summary>Says its version and lets everyone in; it answers no query.</summary>
    private sealed class OldServer : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        public OldServer(string version)
        {
            listener.Start();
            _ = ServeAsync(version);
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;
        public List<byte> Queries { get; } = [];

        public void Dispose() => listener.Stop();

        private async Task ServeAsync(string version)
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync(Stop);
                    var stream = client.GetStream();
                    var buffer = new byte[1000];
                    _ = await stream.ReadAtLeastAsync(buffer, 8, cancellationToken: Stop);
                    byte[] greeting =
                    [
                        .. Message('R', [0, 0, 0, 0]),
                        .. Message('S', Encoding.ASCII.GetBytes($"server_version\0{version}\0")),
                        .. Message('S', "client_encoding\0UTF8\0"u8.ToArray()),
                        .. Message('Z', [(byte)'I']),
                    ];
                    await stream.WriteAsync(greeting, Stop);
                    while (await stream.ReadAsync(buffer, Stop) is > 0 and var read)
                    {
                        if (buffer[0] != 'X') // goodbye
                        {
                            Queries.AddRange(buffer[..read]);
                        }
                    }
                }
            }
            catch (Exception e)
                when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private static byte[] Message(char type, byte[] body) =>
            [(byte)type, 0, 0, 0, (byte)(body.Length + 4), .. body];
    }

    /// <summary>What comes to one port goes to another.</summary>
    private sealed class Forward : IDisposable
    {
        private readonly TcpListener listener;

        public Forward(int from, int to)
        {
            listener = new(IPAddress.Loopback, from);
            listener.Start();
            _ = ServeAsync(to);
        }

        public void Dispose() => listener.Stop();

        private async Task ServeAsync(int to)
        {
            try
            {
                while (true)
                {
                    var client = (await listener.AcceptTcpClientAsync(Stop)).GetStream();
                    var server = new TcpClient();
                    await server.ConnectAsync(IPAddress.Loopback, to, Stop);
                    _ = Task.WhenAny(
                            client.CopyToAsync(server.GetStream(), Stop),
                            server.GetStream().CopyToAsync(client, Stop)
                        )
                        .ContinueWith(
                            _ =>
                            {
                                client.Dispose();
                                server.Dispose();
                            },
                            Stop,
                            TaskContinuationOptions.None,
                            TaskScheduler.Default
                        );
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
