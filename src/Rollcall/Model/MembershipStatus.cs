namespace Rollcall.Model;

/// <summary>Where a person stands in an organisation. Never stored: a pure function of facts and the clock.</summary>
internal enum MembershipStatus
{
    /// <summary>Registered, and can sign in.</summary>
    Active,

    /// <summary>Paused, in this organisation or everywhere.</summary>
    Inactive,

    /// <summary>Added, and not registered yet.</summary>
    Pending,

    /// <summary>Not registered, and the link has run out.</summary>
    Expired,
}

internal static class MembershipStatuses
{
    /// <summary>The status in the organisation of this membership, as everyone sees it.</summary>
    public static MembershipStatus Of(User account, Membership membership, DateTimeOffset now)
    {
        var seen = account.SeenFrom(membership);
        return Of(membership.PausedAt, seen.PausedAt, seen.RegisteredAt, membership.ExpiresAt, now);
    }

    /// <summary>
    /// The status that the facts give at <paramref name="now"/>. Its twins are the queries of the lists; one test holds
    /// them together.
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
