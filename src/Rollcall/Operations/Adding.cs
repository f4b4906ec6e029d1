using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Adds a person to an organisation: a new user, or one who is known elsewhere, whose name then stays as it is.</summary>
internal sealed class Adding(Db db, Recording recording)
{
    /// <summary>Adds, records and queues the email, in the caller's transaction; or says why not.</summary>
    public async Task<(User? Added, Refusal? Refusal)> AddAsync(
        Viewer by, Organisation organisation, string? firstName, string? lastName, EmailAddress email, string role, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.LockAsync(organisation.Id, cancellation);

        // The unique index decides whether the address is known, also when two people add it at the same instant.
        var id = Guid.CreateVersion7();
        var isNew = await db.Database.ExecuteSqlAsync($"""
            insert into users (id, email, email_key, first_name, last_name, created_at)
            values ({id}, {email.Display}, {email.Key}, {firstName}, {lastName}, {now})
            on conflict (email_key) do nothing
            """, cancellation) == 1;
        var user = await db.Users.SingleAsync(u => u.EmailKey == email.Key, cancellation);

        var membership = Guid.CreateVersion7();
        var joined = await db.Database.ExecuteSqlAsync($"""
            insert into memberships (id, organisation_id, user_id, role, added_at, added_by)
            values ({membership}, {organisation.Id}, {user.Id}, {role}, {now}, {by.UserId})
            on conflict (organisation_id, user_id) where removed_at is null do nothing
            """, cancellation) == 1;
        if (!joined)
            return (null, new("Email", EmailAddress.InUse, user.Id));

        recording.Add(AuditKinds.Added, by, now, organisation.Id, user.Id, new { email = user.Email, role, knownElsewhere = !isNew });
        if (EmailFor(by, organisation, user) is { } message)
            Outbox.Enqueue(db, user.Email, message, membership, now);
        await db.SaveChangesAsync(cancellation);
        return (user, null);
    }

    /// <summary>The email that adding <paramref name="user"/> sends; null for a paused account, which nobody writes to.</summary>
    private static Email? EmailFor(Viewer by, Organisation organisation, User user)
    {
        var addedBy = by.IsSupport ? null : by.Name;
        return user.PausedAt is not null ? null
            : user.RegisteredAt is null ? new Added(organisation.Id, organisation.Name, addedBy) { FirstName = user.FirstName, LastName = user.LastName }
            : new AddedToAnother(organisation.Id, organisation.Name, addedBy) { FirstName = user.FirstName, LastName = user.LastName };
    }
}
