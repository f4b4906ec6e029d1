namespace Rollcall.Host;

/// <summary>Settings of the embedded server; the defaults suit a service on one machine.</summary>
internal sealed record EmbeddedPostgresOptions
{
    /// <summary>
    /// The folder with PostgreSQL's bin/; by default the npm package's. ROLLCALL_POSTGRES says the same.
    /// </summary>
    public string? Programs { get; init; }

    /// <summary>Only tests may turn this off: a power cut then loses data.</summary>
    public bool Fsync { get; init; } = true;

    /// <summary>
    /// How long to wait for another process that is starting or stopping the server, and for recovery after a crash.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);
}
