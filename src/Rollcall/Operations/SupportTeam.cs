using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Who is support staff. Nothing else makes somebody one: joining an organisation never does (trust rule 24).</summary>
internal sealed class SupportTeam(Db db, Invitations invitations, AuditLog audit, IOptions<RollcallOptions> options)
{
    public const string Already = "This person is already a support user";
    public static readonly Refusal Paused = new(
        "Email",
        "The account with this email address is paused. Resume it first"
    );
    public static readonly Refusal Yourself = new(null, "You cannot remove yourself");
    public static readonly Refusal NoLonger = new(null, "You are no longer a support user");

    /// <summary>
    /// Makes a person support staff, in the caller's transaction: a new user, or one who is known, whose name then stays as it is. Records it and
    /// queues the email: with a link to create an account for somebody who has none. Or says why not.
    /// </summary>
    /// <param name="by">Null: whoever runs the program.</param>
    public async Task<(User User, Refusal? Refusal)> AddAsync(
        Viewer? by,
        string? firstName,
        string? lastName,
        EmailAddress email,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var isNew =
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into users (id, email, email_key, first_name, last_name, created_at)
                values ({Guid.CreateVersion7(now)}, {email.Display}, {email.Key}, {firstName}, {lastName}, {now})
                on conflict (email_key) do nothing
                """,
                cancellation
            ) == 1;
        var user = await db
            .Users.FromSql($"select * from users where email_key = {email.Key} for no key update")
            .SingleAsync(cancellation);
        if (user.SupportSince is not null)
        {
            return (user, new("Email", Already));
        }

        if (user.PausedAt is not null)
        {
            return (user, Paused);
        }

        if (
            await db.RefuseMessagesAsync(
                options.Value.Limits,
                by,
                [new(user.Email, IsInvitation: true)],
                now,
                cancellation
            ) is
            { } refusal
        )
        {
            return (user, refusal);
        }

        user.SupportSince = now;
        audit.Add(AuditKinds.SupportAdded, by, now, null, user.Id, new { email = user.Email, knownBefore = !isNew });
        await db.SaveChangesAsync(cancellation);
        if (user.RegisteredAt is null)
        {
            await invitations.InviteToSupportAsync(user, by?.UserId, now, cancellation);
        }
        else
        {
            Outbox.Enqueue(
                db,
                user.Email,
                new SupportAdded
                {
                    FirstName = user.FirstName,
                    LastName = user.LastName,
                    AddedBy = by?.Name,
                },
                null,
                now,
                by?.UserId
            );
        }

        await db.SaveChangesAsync(cancellation);
        return (user, null);
    }

    /// <summary>
    /// Ends it, with the person's sessions and their link, in a transaction of its own. Nobody removes themselves, and whoever removes is still
    /// support staff when it happens: so one always remains, also when two remove each other at the same instant.
    /// </summary>
    /// <returns>The person, if this call removed them; or why not.</returns>
    public async Task<(User? Removed, Refusal? Refusal)> RemoveAsync(
        Viewer by,
        Guid userId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (by.Is(userId))
        {
            return (null, Yourself);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Both rows, always in the same order; the second of two waits here, and then sees what the first one did.
        var people = await db
            .Users.FromSql($"select * from users where id in ({by.UserId}, {userId}) order by id for no key update")
            .ToListAsync(cancellation);
        if (
            people.SingleOrDefault(u => u.Id == by.UserId)
            is not { SupportSince: not null, PausedAt: null, RegisteredAt: not null }
        )
        {
            return (null, NoLonger);
        }

        if (people.SingleOrDefault(u => u.Id == userId) is not { SupportSince: not null } user)
        {
            return (null, null);
        }

        user.SupportSince = null;
        audit.Add(AuditKinds.SupportRemoved, by, now, null, user.Id);
        await invitations.WithdrawFromSupportAsync(user, now, cancellation);
        Outbox.Enqueue(
            db,
            user.Email,
            new SupportRemoved(EverSignedIn: user.RegisteredAt is not null)
            {
                FirstName = user.FirstName,
                LastName = user.LastName,
            },
            null,
            now,
            by.UserId
        );
        await db.SaveChangesAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"delete from sessions where user_id = {user.Id}", cancellation); // ASVS 5.0, 7.2.4: other rights, another session
        await transaction.CommitAsync(cancellation);
        return (user, null);
    }
}
