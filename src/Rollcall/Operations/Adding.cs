using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Adds a person to an organisation: a new user, or one who is known elsewhere, whose name then stays as it is. To an admin both look the same
/// until the person comes (<see cref="Membership.Awaited"/>); support is told, and adds them under the name they have.
/// </summary>
internal sealed class Adding(Db db, GivingAccess giving, Inviting inviting, Recording recording, IOptions<RollcallOptions> options)
{
    /// <summary>Adds, records and queues the email, in the caller's transaction; or says why not.</summary>
    public async Task<(User? Added, Refusal? Refusal)> AddAsync(
        Viewer by, Organisation organisation, string? firstName, string? lastName, EmailAddress email, Access access, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.LockAsync(organisation.Id, cancellation);
        if ((await giving.OfferAsync(by, organisation.Id, cancellation)).Choose(access.Role, access.Areas) is null) // looked at again behind the lock
            return (null, GivingAccess.NoLonger);
        var (dayAgo, most) = (now.AddDays(-1), options.Value.Limits.InvitationsADay);
        if (!by.IsSupport && await db.Memberships.CountAsync(m => m.AddedBy == by.UserId && m.AddedAt > dayAgo && !db.InvitationLines.Any(l => l.MembershipId == m.Id), cancellation) >= most)
            return (null, new(null, $"You have added {(most == 1 ? "1 person" : $"{most:N0} people")} in the last 24 hours, which is the limit. Try again tomorrow, or invite several people at once"));

        // The unique index decides whether the address is known, also when two people add it at the same instant.
        var id = Guid.CreateVersion7();
        var isNew = await db.Database.ExecuteSqlAsync($"""
            insert into users (id, email, email_key, first_name, last_name, created_at)
            values ({id}, {email.Display}, {email.Key}, {firstName}, {lastName}, {now})
            on conflict (email_key) do nothing
            """, cancellation) == 1;
        // Locked before the membership looks at them: ten organisations that add one person at once wait for each other here.
        if (await db.Users.FromSql($"select * from users where email_key = {email.Key} for no key update").SingleOrDefaultAsync(cancellation) is not { } user)
            return (null, new(null, "Someone else changed this person at the same time. Try again"));

        var membership = Guid.CreateVersion7();
        var awaited = !isNew && !by.IsSupport;
        var typed = awaited ? new Details(firstName, lastName, email.Display) : null;
        var joined = await db.Database.ExecuteSqlAsync($"""
            insert into memberships (id, organisation_id, user_id, role, added_at, added_by, awaited, typed_first_name, typed_last_name, typed_email)
            values ({membership}, {organisation.Id}, {user.Id}, {access.Role}, {now}, {by.UserId}, {awaited}, {typed?.FirstName}, {typed?.LastName}, {typed?.Email})
            on conflict (organisation_id, user_id) where removed_at is null do nothing
            """, cancellation) == 1;
        if (!joined)
            return (null, new("Email", EmailAddress.InUse, user.Id));

        await Outbox.SupersedeRemovalsAsync(db, organisation.Id, [user.Id], now, cancellation);
        db.AddRange(access.Areas.Select(area => new AccessGrant { MembershipId = membership, ServiceAreaId = area }));
        recording.Add(AuditKinds.Added, by, now, organisation.Id, user.Id, new { email = email.Display, role = access.Role, knownElsewhere = !isNew });
        await db.SaveChangesAsync(cancellation);
        if (awaited || user is { RegisteredAt: null, PausedAt: null })
            await inviting.InviteAsync(user, organisation, await db.Memberships.SingleAsync(m => m.Id == membership, cancellation), by.UserId, now, cancellation);
        else if (user.PausedAt is null)
            Outbox.Enqueue(db, user.Email, new AddedToAnother(organisation.Id, organisation.Name, by.IsSupport ? null : by.Name) { FirstName = user.FirstName, LastName = user.LastName }, membership, now);
        await db.SaveChangesAsync(cancellation);
        return (user, null);
    }
}
