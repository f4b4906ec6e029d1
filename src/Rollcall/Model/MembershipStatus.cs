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
    /// <summary>The status that the facts give at <paramref name="now"/>. Its twin is <see cref="Sql"/>; one test holds the two together.</summary>
    public static MembershipStatus Of(DateTimeOffset? membershipPaused, DateTimeOffset? accountPaused, DateTimeOffset? registered, DateTimeOffset? expires, DateTimeOffset now)
        => membershipPaused is not null || accountPaused is not null ? MembershipStatus.Inactive
         : registered is not null ? MembershipStatus.Active
         : expires is null || expires > now ? MembershipStatus.Pending
         : MembershipStatus.Expired;

    /// <summary>The same rule over <c>memberships m</c> and <c>users u</c>, at the instant <c>@now</c>.</summary>
    public const string Sql = """
        case when m.paused_at is not null or u.paused_at is not null then 'Inactive'
             when u.registered_at is not null then 'Active'
             when m.expires_at is null or m.expires_at > @now then 'Pending'
             else 'Expired' end
        """;
}
