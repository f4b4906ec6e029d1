namespace Rollcall.Model;

/// <summary>A person's status in an organisation. Never stored; computed from facts and the clock.</summary>
internal enum MembershipStatus
{
    /// <summary>Registered, and can sign in.</summary>
    Active,

    /// <summary>Paused, in this organisation or everywhere.</summary>
    Inactive,

    /// <summary>Added but not registered yet.</summary>
    Pending,

    /// <summary>Not registered, and the invitation has expired.</summary>
    Expired,
}

internal static class MembershipStatuses
{
    /// <summary>The membership's status as everyone sees it.</summary>
    public static MembershipStatus Of(User account, Membership membership, DateTimeOffset now)
    {
        var seen = account.SeenFrom(membership);
        return Of(membership.PausedAt, seen.PausedAt, seen.RegisteredAt, membership.ExpiresAt, now);
    }

    /// <summary>
    /// The status that the facts give at <paramref name="now"/>. The list queries compute the same in SQL; a test
    /// compares the two.
    /// </summary>
    public static MembershipStatus Of(
        DateTimeOffset? membershipPaused,
        DateTimeOffset? accountPaused,
        DateTimeOffset? registered,
        DateTimeOffset? expires,
        DateTimeOffset now
    ) =>
        membershipPaused is not null || accountPaused is not null ? MembershipStatus.Inactive
        : registered is not null ? MembershipStatus.Active
        : expires is null || expires > now ? MembershipStatus.Pending
        : MembershipStatus.Expired;
}
