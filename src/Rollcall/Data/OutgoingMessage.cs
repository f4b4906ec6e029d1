namespace Rollcall.Data;

/// <summary>
/// One message to send. It holds facts, from which the words are rendered when it is sent, and no secrets. After it is
/// committed, only the Postman changes it; screens read <see cref="State"/>.
/// </summary>
internal sealed class OutgoingMessage
{
    public required Guid Id { get; init; }
    public required string Kind { get; init; }
    public required string Data { get; init; }
    public required string ToAddress { get; init; }
    public Guid? MembershipId { get; init; }

    /// <summary>The person who caused it, if not the recipient. Their messages count towards a daily limit.</summary>
    public Guid? CausedBy { get; init; }

    /// <summary>
    /// The key of the recipient's address, equal for every spelling; null in rows from older versions.
    /// </summary>
    public string? ToKey { get; init; }

    /// <summary>
    /// The organisation whose daily limit for bulk invitations it counts towards; null for all other messages.
    /// </summary>
    public Guid? BulkOrganisationId { get; init; }

    /// <summary>Lower is sent first.</summary>
    public required short Priority { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset AvailableAt { get; private set; }
    public int Attempts { get; private set; }
    public DateTimeOffset? SentAt { get; private set; }
    public DateTimeOffset? FailedAt { get; private set; }
    public DateTimeOffset? SupersededAt { get; private set; }
    public string? LastError { get; private set; }

    /// <summary>The number of attempts without a known outcome. One of them may be in progress.</summary>
    public int UnknownOutcomes { get; private set; }

    /// <summary>Why it was not sent and will not be: one of the Endings.</summary>
    public string? EndedBecause { get; private set; }

    public OutgoingMessageState State =>
        SentAt is not null ? OutgoingMessageState.Sent
        : FailedAt is not null ? OutgoingMessageState.Failed
        : SupersededAt is not null ? OutgoingMessageState.Superseded
        : OutgoingMessageState.Waiting;
}

internal enum OutgoingMessageState
{
    Waiting,
    Sent,
    Failed,
    Superseded,
}
