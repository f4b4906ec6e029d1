using Npgsql;

namespace Rollcall.Web;

/// <summary>How long to wait for the database, as a share of the command timeout.</summary>
internal sealed class DatabaseTimeouts(NpgsqlDataSource database)
{
    /// <summary>In seconds; 0 means no limit.</summary>
    private readonly int command = new NpgsqlConnectionStringBuilder(database.ConnectionString).CommandTimeout;

    /// <summary>
    /// How long a page that works without the database waits to find the viewer: 1 second by default.
    /// </summary>
    public TimeSpan FindViewer => TimeSpan.FromSeconds(command == 0 ? 1 : command / 5.0);

    /// <summary>How long a change to an organisation waits for the ones before it.</summary>
    public TimeSpan OrganisationChange => command == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(command);
}
