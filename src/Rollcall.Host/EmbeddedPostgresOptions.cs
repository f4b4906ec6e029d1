namespace Rollcall.Host;

/// <summary>Settings of the embedded server. The defaults suit a service on one machine.</summary>
internal sealed record EmbeddedPostgresOptions
{
    /// <summary>The folder with PostgreSQL's bin/. Defaults to ROLLCALL_POSTGRES, then to the npm package.</summary>
    public string? Programs { get; init; }

    /// <summary>For tests only: when off, a power cut loses data.</summary>
    public bool Fsync { get; init; } = true;

    /// <summary>
    /// How long to wait for another process that is starting or stopping the server, and for recovery after a crash.
    /// </summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(2);
}
