using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// What an organisation may learn about a person who is known elsewhere: nothing, until they come. To an admin, an
/// address that is known and one that is new look the same at every step (<see cref="Membership.Awaited"/>); support
/// sees the account.
/// </summary>
internal static class Disclosure
{
    /// <summary>Whether a person who is added now is awaited: the organisation sees what the admin typed.</summary>
    public static bool IsAwaited(Viewer by, bool isKnown) => isKnown && !by.IsSupport;

    /// <summary>The person as the viewer may see and change them.</summary>
    public static User Seen(Viewer viewer, User account, Membership here) =>
        viewer.IsSupport ? account : account.SeenFrom(here);

    /// <summary>The account with this address. For support alone; null for everyone else.</summary>
    public static Task<User?> AccountAsync(Db db, Viewer viewer, EmailAddress email, CancellationToken cancellation) =>
        viewer.IsSupport
            ? db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.EmailKey == email.Key, cancellation)
            : Task.FromResult<User?>(null);

    /// <summary>The member of this organisation with this address; null when there is none.</summary>
    public static Task<Guid?> MemberAsync(
        Db db,
        Guid organisationId,
        EmailAddress email,
        CancellationToken cancellation
    ) =>
        db
            .Memberships.Where(m =>
                m.OrganisationId == organisationId && m.RemovedAt == null && m.User.EmailKey == email.Key
            )
            .Select(m => (Guid?)m.UserId)
            .SingleOrDefaultAsync(cancellation);

    /// <summary>
    /// Whether the form may say that another person has this address: to support, and about someone who has registered.
    /// Of a person who has not come, an admin learns only whether another member has it.
    /// </summary>
    /// <param name="person">As the viewer sees them.</param>
    public static async Task<bool> IsTakenAsync(
        Db db,
        Viewer viewer,
        Guid organisationId,
        User person,
        EmailAddress email,
        CancellationToken cancellation
    ) =>
        viewer.IsSupport || person.RegisteredAt is not null
            ? await db.Users.AnyAsync(u => u.EmailKey == email.Key && u.Id != person.Id, cancellation)
            : await MemberAsync(db, organisationId, email, cancellation) is { } member && member != person.Id;
}
