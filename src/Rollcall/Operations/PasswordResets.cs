using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>A forgotten password: a link to the mailbox, for one hour and one use (ASVS 5.0, 6.4.3). It replaces the password and nothing else.</summary>
internal sealed class PasswordResets(Db db, Secret secret, Invitations invitations, AuditLog audit)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromHours(1);
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(60);
    private const int MostAnHour = 5; // by the hour, because a link lives for one: who uses them up for somebody else fills their mailbox with links that work

    /// <summary>Sends whatever helps whoever reads this mailbox; nothing to an address that is not known.</summary>
    public async Task AskAsync(EmailAddress address, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.EmailKey == address.Key, cancellation);
        if (user is null || user.PausedAt is not null)
        {
            return;
        }

        if (user.RegisteredAt is null)
        {
            await db.LockOrganisationsOfAsync(user.Id, cancellation); // all of them before the person, as everybody does
            await invitations.SendAgainToAsync(address, now, cancellation);
        }
        else
        {
            await SendLinkAsync(user.Id, now, cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    private async Task SendLinkAsync(Guid userId, DateTimeOffset now, CancellationToken cancellation)
    {
        var user = await db
            .Users.FromSql($"select * from users where id = {userId} for no key update")
            .SingleAsync(cancellation); // one after the other: the limits hold
        var lately = await db
            .PasswordResets.Where(r => r.UserId == user.Id && r.CreatedAt > now - Lasts)
            .Select(r => r.CreatedAt)
            .ToListAsync(cancellation);
        if (lately.Count >= MostAnHour || lately.Exists(at => at > now - Apart))
        {
            return;
        }

        var id = Guid.CreateVersion7(now);
        db.Add(
            new PasswordReset
            {
                Id = id,
                UserId = user.Id,
                TokenHash = LinkToken.Hash(LinkToken.Of(secret, LinkToken.PasswordReset, id))!,
                CreatedAt = now,
                UsedAt = user.PasswordHash is null ? now : null,
            }
        );
        Outbox.Enqueue(
            db,
            user.Email,
            new ResetPassword(user.PasswordHash is null ? null : id, now + Lasts)
            {
                FirstName = user.FirstName,
                LastName = user.LastName,
            },
            null,
            now
        );
        audit.Add(AuditKinds.PasswordResetAsked, null, now, null, user.Id);
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>The account that this link may set a password for; null when the link is not, or no longer, good for that.</summary>
    public async Task<User?> FindAsync(string? token, DateTimeOffset now, CancellationToken cancellation) =>
        LinkToken.Hash(token) is { } hash
            ? await (
                from r in db.PasswordResets
                where r.TokenHash == hash && r.UsedAt == null && r.CreatedAt > now - Lasts
                join u in db.Users on r.UserId equals u.Id
                where u.PausedAt == null
                select u
            )
                .AsNoTracking()
                .SingleOrDefaultAsync(cancellation)
            : null;

    /// <summary>Uses the link: sets the password, ends every session and every other link, and tells the person.</summary>
    /// <returns>False when the link was used or replaced a moment ago.</returns>
    public async Task<bool> ResetAsync(
        string? token,
        string passwordHash,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var hash = LinkToken.Hash(token);
        var user = await db
            .Users.FromSql(
                $"select u.* from users u join password_resets r on r.user_id = u.id where r.token_hash = {hash} for no key update of u"
            )
            .SingleOrDefaultAsync(cancellation);
        if (
            user is null
            || await db
                .PasswordResets.Where(r => r.TokenHash == hash && r.UsedAt == null && r.CreatedAt > now - Lasts)
                .ExecuteUpdateAsync(r => r.SetProperty(x => x.UsedAt, now), cancellation) == 0
        )
        {
            return false;
        }

        await SetAsync(user, passwordHash, now, exceptSession: null, cancellation);
        user.PasswordResetAt = now;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>
    /// A new password, in the caller's transaction: every other session and every link that was mailed end with the old one. Whoever knew that may
    /// have asked for them.
    /// </summary>
    /// <returns>False when the password is another one by now than <paramref name="user"/> says.</returns>
    public async Task<bool> SetAsync(
        User user,
        string passwordHash,
        DateTimeOffset now,
        Guid? exceptSession,
        CancellationToken cancellation
    )
    {
        var known = await db
            .Database.SqlQuery<string?>(
                $"""select password_hash as "Value" from users where id = {user.Id} for no key update"""
            )
            .ToListAsync(cancellation);
        if (known[0] != user.PasswordHash)
        {
            return false;
        }

        (user.PasswordHash, user.PasswordSetAt) = (passwordHash, now);
        await db.EndMailedLinksAsync(user.Id, now, cancellation);
        await db.Database.ExecuteSqlAsync(
            $"delete from sessions where user_id = {user.Id} and id is distinct from {exceptSession}",
            cancellation
        );
        await db.Database.ExecuteSqlAsync($"delete from pending_sign_ins where user_id = {user.Id}", cancellation);
        audit.Add(
            AuditKinds.PasswordChanged,
            new(user.Id, user.DisplayName, user.Email, user.SupportSince is not null, []),
            now,
            null,
            user.Id
        );
        Outbox.Enqueue(
            db,
            user.Email,
            new SignInChanged(SignInChange.Password) { FirstName = user.FirstName, LastName = user.LastName },
            null,
            now
        );
        await db.SaveChangesAsync(cancellation);
        return true;
    }
}
