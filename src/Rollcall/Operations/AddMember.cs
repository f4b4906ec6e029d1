using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Adds a person to an organisation: a new user, or one who is known elsewhere, whose name then stays as it is. To an admin both look the same
/// until the person comes (<see cref="Membership.Awaited"/>); support is told, and adds them under the name they have.
/// </summary>
internal sealed class AddMember(
    Db db,
    ChangeAccess changeAccess,
    Invitations invitations,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    /// <summary>Adds, records and queues the email, in the caller's transaction; or says why not.</summary>
    public async Task<(User? Added, Refusal? Refusal)> AddAsync(
        Viewer by,
        Organisation organisation,
        string? firstName,
        string? lastName,
        EmailAddress email,
        Access access,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await db.LockAsync(organisation.Id, cancellation);
        if (
            (await changeAccess.OfferAsync(by, organisation.Id, cancellation)).Choose(access.Role, access.Areas) is null
        ) // looked at again behind the lock
        {
            return (null, ChangeAccess.NoLonger);
        }

        // The unique index decides whether the address is known, also when two people add it at the same instant.
        var id = Guid.NewGuid(); // random: one with the time in it would tell whether the person was known
        var isNew =
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into users (id, email, email_key, first_name, last_name, created_at)
                values ({id}, {email.Display}, {email.Key}, {firstName}, {lastName}, {now})
                on conflict (email_key) do nothing
                """,
                cancellation
            ) == 1;
        // Locked before the membership looks at them: ten organisations that add one person at once wait for each other here.
        if (
            await db
                .Users.FromSql($"select * from users where email_key = {email.Key} for no key update")
                .SingleOrDefaultAsync(cancellation)
            is not { } user
        )
        {
            return (null, new(null, "Someone else changed this person at the same time. Try again"));
        }

        var membership = Guid.CreateVersion7();
        var awaited = !isNew && !by.IsSupport;
        var typed = awaited ? new Details(firstName, lastName, email.Display) : null;
        var joined =
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into memberships (id, organisation_id, user_id, role, added_at, added_by, awaited, typed_first_name, typed_last_name, typed_email)
                values ({membership}, {organisation.Id}, {user.Id}, {access.Role}, {now}, {by.UserId}, {awaited}, {typed?.FirstName}, {typed?.LastName}, {typed?.Email})
                on conflict (organisation_id, user_id) where removed_at is null do nothing
                """,
                cancellation
            ) == 1;
        if (!joined)
        {
            return (null, new("Email", EmailAddress.InUse));
        }
        // Support may add a person to many organisations in a day, until the mailbox has had as many messages of any kind as it gets.
        if (
            (user.PausedAt is null || awaited)
            && await db.RefuseMessagesAsync(
                options.Value.Limits,
                by,
                [new(email.Display, IsInvitation: !by.IsSupport)],
                now,
                cancellation
            )
                is { } refusal
        )
        {
            return (null, refusal); // the caller's transaction takes back what was written above
        }

        await Outbox.SupersedeRemovalsAsync(db, organisation.Id, [user.Id], now, cancellation);
        db.AddRange(access.Areas.Select(area => new AccessGrant { MembershipId = membership, ServiceAreaId = area }));
        audit.Add(
            AuditKinds.Added,
            by,
            now,
            organisation.Id,
            user.Id,
            new
            {
                email = email.Display,
                role = access.Role,
                knownElsewhere = !isNew,
            }
        );
        await db.SaveChangesAsync(cancellation);
        if (awaited || user is { RegisteredAt: null, PausedAt: null })
        {
            var added = await db.Memberships.SingleAsync(m => m.Id == membership, cancellation);
            await invitations.InviteAsync(user, organisation, added, by.UserId, now, cancellation, by.UserId);
        }
        else if (user.PausedAt is null) // a paused account gets no email
        {
            var notice = new AddedToAnother(organisation.Id, organisation.Name, by.IsSupport ? null : by.Name)
            {
                FirstName = user.FirstName,
                LastName = user.LastName,
                SignsInWith = options.Value.SignIn.OnlyProviders(organisation.SignInMethods),
            };
            Outbox.Enqueue(db, user.Email, notice, membership, now, by.UserId);
        }

        await db.SaveChangesAsync(cancellation);
        return (user, null);
    }
}
