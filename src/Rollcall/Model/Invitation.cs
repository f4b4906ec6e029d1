namespace Rollcall.Model;

/// <summary>
/// One sending of a link to one person: for a membership, or to become support staff. Sent again, they get a new one.
/// </summary>
internal sealed class Invitation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid UserId { get; init; }

    /// <summary>Null: the person is to be support staff.</summary>
    public Guid? MembershipId { get; init; }

    /// <summary>The mailbox it went to; whoever opens the link has proved to read it.</summary>
    public required string Email { get; init; }
    public required byte[] TokenHash { get; init; }
    public Guid? InvitedBy { get; init; }
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>
    /// From this instant on the link is refused; null where people only ever sign in through a provider.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When its person was reminded of it; null: not yet.</summary>
    public DateTimeOffset? RemindedAt { get; set; }
    public DateTimeOffset? AcceptedAt { get; set; }

    /// <summary>The person was removed, or support took the invitation back.</summary>
    public DateTimeOffset? WithdrawnAt { get; set; }

    /// <summary>A newer link was sent.</summary>
    public DateTimeOffset? SupersededAt { get; set; }

    public LinkState State(DateTimeOffset now) =>
        AcceptedAt is not null ? LinkState.Used
        : WithdrawnAt is not null ? LinkState.Withdrawn
        : SupersededAt is not null ? LinkState.Superseded
        : ExpiresAt <= now ? LinkState.Expired
        : LinkState.Live;
}

/// <summary>What an emailed link is worth now.</summary>
internal enum LinkState
{
    Live,
    Expired,
    Used,
    Superseded,
    Withdrawn,

    /// <summary>The person or their membership is paused: the link may work again.</summary>
    Paused,

    /// <summary>Not a link of ours, or not all of it.</summary>
    Unknown,
}
