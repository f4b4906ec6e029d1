namespace Rollcall.Model;

/// <summary>
/// One link sent to one person, for a membership or to become a support user. Resending makes a new one.
/// </summary>
internal sealed class Invitation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid UserId { get; init; }

    /// <summary>All zeros if the person is to become a support user.</summary>
    public Guid OrganisationId { get; init; }

    /// <summary>Null if the person is to become a support user.</summary>
    public Guid? MembershipId { get; init; }

    /// <summary>The mailbox it was sent to. Opening the link proves access to that mailbox.</summary>
    public required string Email { get; init; }
    public required byte[] TokenHash { get; init; }
    public Guid? InvitedBy { get; init; }
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>The link is refused from this instant on. Null if it never expires.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the person was reminded; null if not yet.</summary>
    public DateTimeOffset? RemindedAt { get; set; }
    public DateTimeOffset? AcceptedAt { get; set; }

    /// <summary>When the person was removed, or support withdrew the invitation.</summary>
    public DateTimeOffset? WithdrawnAt { get; set; }

    /// <summary>When a newer link was sent.</summary>
    public DateTimeOffset? SupersededAt { get; set; }

    public LinkState State(DateTimeOffset now) =>
        AcceptedAt is not null ? LinkState.Used
        : WithdrawnAt is not null ? LinkState.Withdrawn
        : SupersededAt is not null ? LinkState.Superseded
        : ExpiresAt <= now ? LinkState.Expired
        : LinkState.Live;
}

/// <summary>The state of an emailed link.</summary>
internal enum LinkState
{
    Live,
    Expired,
    Used,
    Superseded,
    Withdrawn,

    /// <summary>The person or their membership is paused; the link may work again later.</summary>
    Paused,

    /// <summary>Not one of our links, or incomplete.</summary>
    Unknown,
}
