namespace Rollcall.Model;

/// <summary>Something that happened. Written in the transaction that made it happen, and never changed.</summary>
internal sealed class AuditEvent
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required DateTimeOffset At { get; init; }

    /// <summary>The kind of one of the records in <c>History</c>.</summary>
    public required string Kind { get; init; }
    public Guid? ActorId { get; init; }

    /// <summary>The actor's name at the time: renaming a person must not change the record.</summary>
    public required string ActorName { get; init; }

    /// <summary>Whether the actor was a support user then: to everyone else, they are the support team.</summary>
    public bool BySupport { get; init; }
    public Guid? OrganisationId { get; init; }
    public Guid? UserId { get; init; }

    /// <summary>The facts of this kind of event, as JSON.</summary>
    public string Data { get; init; } = "{}";
    public string? TraceId { get; init; }
    public string? IpAddress { get; init; }
}
