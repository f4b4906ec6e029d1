namespace Rollcall.Data;

/// <summary>
/// One email to send. It holds facts, not words: they are rendered when it is sent. Not a secret among them. What
/// happens to it after it was committed is the Postman's alone; screens read <see cref="State"/>.
/// </summary>
internal sealed class OutgoingMessage
{
    public required Guid Id { get; init; }
    public required string Kind { get; init; }
    public required string Data { get; init; }
    public required string ToAddress { get; init; }
    public Guid? MembershipId { get; init; }

    /// <summary>Who caused it, if someone else than the recipient did: their messages of a day are counted.</summary>
    public Guid? CausedBy { get; init; }

    /// <summary>The recipient's address as two spellings of it are compared; null in rows of older versions.</summary>
    public string? ToKey { get; init; }

    /// <summary>
    /// The organisation whose bulk invitations of a day it counts among; null for all other messages.
    /// </summary>
    public Guid? BulkOrganisationId { get; init; }

    /// <summary>Lower leaves first.</summary>
    public required short Priority { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset AvailableAt { get; private set; }
    public int Attempts { get; private set; }
    public DateTimeOffset? SentAt { get; private set; }
    public DateTimeOffset? FailedAt { get; private set; }
    public DateTimeOffset? SupersededAt { get; private set; }
    public string? LastError { get; private set; }

    /// <summary>How many attempts have no outcome: one of them may be going on now.</summary>
    public int UnknownOutcomes { get; private set; }

    /// <summary>Why it was not handed over and will not be: one of the keywords of Emails.Endings.</summary>
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
