using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.History;

/// <summary>One line of a history.</summary>
internal sealed record HistoryEntry(DateTimeOffset At, string What);

/// <summary>A stored event, and what its sentence needs.</summary>
internal sealed record RecordedEvent(AuditEvent Row, EventContext Context)
{
    /// <summary>Null for a kind that only a newer version knows.</summary>
    public Event? Event { get; } = Event.Read(Row);

    public string What => Event?.Sentence(Context) ?? $"{Context.By}: {Row.Kind}";
}

/// <summary>Reads events for a history, newest first.</summary>
internal static class Timeline
{
    private const int Longest = 100;

    /// <summary>
    /// The records whose events are the history of this person: theirs, and those that were merged into it.
    /// </summary>
    public static async Task<Guid[]> RecordsOfAsync(Db db, Guid userId, CancellationToken cancellation) =>
        [userId, .. await db.Users.Where(u => u.MergedInto == userId).Select(u => u.Id).ToListAsync(cancellation)];

    public static async Task<IReadOnlyList<HistoryEntry>> ReadAsync(
        Db db,
        IQueryable<AuditEvent> events,
        Viewer viewer,
        RollcallOptions options,
        CancellationToken cancellation
    )
    {
        var recorded = await FindAsync(db, events.OrderByNewest().Take(Longest), viewer, options, cancellation);
        return [.. recorded.Select(one => new HistoryEntry(one.Row.At, one.What))];
    }

    /// <summary>What support users did is "the support team" to everyone else, even once they have left it.</summary>
    public static async Task<List<RecordedEvent>> FindAsync(
        Db db,
        IQueryable<AuditEvent> events,
        Viewer viewer,
        RollcallOptions options,
        CancellationToken cancellation
    )
    {
        var found = await events
            .AsNoTracking()
            .Select(e => new
            {
                Event = e,
                Organisation = db
                    .Organisations.Where(o => o.Id == e.OrganisationId)
                    .Select(o => o.Name)
                    .FirstOrDefault(),
            })
            .ToListAsync(cancellation);
        var support = char.ToUpperInvariant(options.SupportName[0]) + options.SupportName[1..];
        return found.ConvertAll(one => new RecordedEvent(
            one.Event,
            new EventContext(
                one.Event.BySupport && !viewer.IsSupport ? support : one.Event.ActorName,
                one.Organisation ?? "an organisation",
                one.Event.ActorId is not null
            )
        ));
    }

    public static IQueryable<AuditEvent> OrderByNewest(this IQueryable<AuditEvent> events) =>
        events.OrderByDescending(e => e.At).ThenByDescending(e => e.Id);
}
