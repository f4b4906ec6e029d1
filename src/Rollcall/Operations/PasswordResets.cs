using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>
/// Emails links to choose a new password. A link works once, for an hour (ASVS 5.0, 6.4.3), and replaces the password
/// and nothing else.
/// </summary>
internal sealed class PasswordResets(Db db, Secret secret, Invitations invitations, AuditLog audit)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromHours(1);

    /// <summary>By the hour, as a link lives for one: strangers must not fill a mailbox with links.</summary>
    private const int MostAnHour = 5;

    public static readonly Refusal Changed = new(
        null,
        "Your password has just been changed. Sign in again to change it"
    );

    /// <summary>Emails a link, or the invitation again. An unknown address gets nothing.</summary>
    public Task<Result> AskAsync(EmailAddress address, DateTimeOffset now) =>
        db.InTransactionAsync(async () =>
        {
            var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.EmailKey == address.Key);
            if (user is null || user.PausedAt is not null)
            {
                return Result.Unchanged;
            }

            if (user.RegisteredAt is not null)
            {
                return await SendLinkAsync(user.Id, now);
            }

            await db.LockOrganisationsOfAsync(user.Id); // before the person, as everywhere
            await invitations.SendAgainToAsync(address, now, CancellationToken.None);
            return Result.Done;
        });

    private async Task<Result> SendLinkAsync(Guid userId, DateTimeOffset now)
    {
        // Locked, so that two requests at once cannot pass the limits.
        var user = await db.Users.FromSql($"select * from users where id = {userId} for no key update").SingleAsync();
        var lately = await db
            .PasswordResets.Where(r => r.UserId == userId && r.CreatedAt > now - Lasts)
            .Select(r => r.CreatedAt)
            .ToListAsync();
        if (lately.Count >= MostAnHour || lately.Exists(at => at > now - MailedLinks.Apart))
        {
            return Result.Unchanged;
        }

        var id = Guid.CreateVersion7(now);
        var hasPassword = user.PasswordHash is not null;
        db.Add(
            new PasswordReset
            {
                Id = id,
                UserId = userId,
                TokenHash = LinkToken.Hash(LinkToken.Of(secret, LinkToken.PasswordReset, id))!,
                CreatedAt = now,
                UsedAt = hasPassword ? null : now,
            }
        );
        Outbox.Enqueue(db, user, new ResetPassword(hasPassword ? id : null, now + Lasts), now);
        audit.Add(new Actor(null, now), new PasswordResetRequested(), user: userId);
        return Result.Done;
    }

    /// <summary>The account that this link may set a password for; null when it does not work, or no longer.</summary>
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

    /// <summary>Uses the link: sets the password, ends all sessions and other links, and tells the person.</summary>
    public Task<Result> ResetAsync(string? token, string passwordHash, DateTimeOffset now) =>
        db.InTransactionAsync(async () =>
        {
            var hash = LinkToken.Hash(token);
            var user = await db
                .Users.FromSql(
                    $"""
                    select u.* from users u join password_resets r on r.user_id = u.id
                    where r.token_hash = {hash} for no key update of u
                    """
                )
                .SingleOrDefaultAsync();
            var used = await db
                .PasswordResets.Where(r => r.TokenHash == hash && r.UsedAt == null && r.CreatedAt > now - Lasts)
                .ExecuteUpdateAsync(r => r.SetProperty(x => x.UsedAt, now));
            if (user is null || used == 0)
            {
                return MailedLinks.Ended;
            }

            user.PasswordResetAt = now;
            return await SetAsync(new(Viewer.Of(user), now), user, passwordHash, exceptSession: null);
        });

    /// <summary>
    /// Sets a new password. Every other session and every mailed link ends with the old one: an intruder who knew it
    /// may have asked for them. Refused when the password is no longer the one that <paramref name="user"/> has.
    /// </summary>
    /// <param name="user">Tracked by the database context.</param>
    public Task<Result> SetAsync(Actor actor, User user, string passwordHash, Guid? exceptSession) =>
        db.InTransactionAsync(async () =>
        {
            var stored = await db
                .Database.SqlQuery<string?>(
                    $"""select password_hash as "Value" from users where id = {user.Id} for no key update"""
                )
                .ToListAsync();
            if (stored[0] != user.PasswordHash)
            {
                return Changed;
            }

            user.PasswordHash = passwordHash;
            user.PasswordSetAt = actor.Now;
            await db.EndMailedLinksAsync(user.Id, actor.Now);
            await db.EndSessionsAsync(user.Id, exceptSession);
            audit.Add(actor, new PasswordChanged(), user: user.Id);
            Outbox.Enqueue(db, user, new SignInChanged(SignInChange.Password), actor.Now);
            return Result.Done;
        });
}
