using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>A person at a provider whom somebody here signs in as.</summary>
internal sealed record LinkedIdentity(string Issuer, string Subject, string? Email)
{
    /// <summary>Names it in a form.</summary>
    public string Key => $"{Issuer} {Subject}";
}

/// <summary>
/// What support does for somebody who has lost what they sign in with. Support never sets a password: a link to the person's own mailbox does.
/// </summary>
internal sealed class SignInRepair(Db db, AuditLog audit)
{
    public static readonly Refusal Yourself = new(null, "You cannot do this for yourself");

    public async Task<List<LinkedIdentity>> IdentitiesOfAsync(Guid user, CancellationToken cancellation) =>
        await db
            .Database.SqlQuery<LinkedIdentity>(
                $"""
                select issuer as "Issuer", subject as "Subject", email as "Email" from sign_in_identities where user_id = {user} order by linked_at, issuer, subject
                """
            )
            .ToListAsync(cancellation);

    /// <summary>
    /// Takes away every second factor and passkey, or links to people at providers, or both; ends the person's sessions and tells them (ASVS 5.0,
    /// 6.4.4; NIST SP 800-63B-4, 4.2.1.1).
    /// </summary>
    /// <param name="secondFactors">Authenticator app, codes by text and email, passkeys and recovery codes.</param>
    /// <param name="identities">Those of <see cref="LinkedIdentity.Key"/>.</param>
    /// <param name="howChecked">How support made sure of who asked: kept with the record.</param>
    public async Task<Refusal?> RemoveAsync(
        Viewer by,
        User user,
        bool secondFactors,
        IReadOnlyCollection<string> identities,
        string howChecked,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (by.Is(user.Id))
        {
            return Yourself;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select from users where id = {user.Id} for no key update", cancellation);
        if (secondFactors)
        {
            await db
                .Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(
                    u =>
                        u.SetProperty(x => x.MobileConfirmedAt, (DateTimeOffset?)null)
                            .SetProperty(x => x.EmailCodes, false),
                    cancellation
                );
            await db.Database.ExecuteSqlAsync($"delete from authenticators where user_id = {user.Id}", cancellation);
            await db.Database.ExecuteSqlAsync($"delete from passkeys where user_id = {user.Id}", cancellation);
            await db.Database.ExecuteSqlAsync($"delete from recovery_codes where user_id = {user.Id}", cancellation);
            audit.Add(AuditKinds.SecondFactorsReset, by, now, null, user.Id, new { howChecked });
            Tell(by, user, SignInChange.SecondFactorsReset, now);
        }
        foreach (
            var identity in (await IdentitiesOfAsync(user.Id, cancellation)).Where(i =>
                identities.Contains(i.Key, StringComparer.Ordinal)
            )
        )
        {
            await db.Database.ExecuteSqlAsync(
                $"delete from sign_in_identities where issuer = {identity.Issuer} and subject = {identity.Subject}",
                cancellation
            );
            audit.Add(
                AuditKinds.IdentityUnlinked,
                by,
                now,
                null,
                user.Id,
                new
                {
                    issuer = identity.Issuer,
                    email = identity.Email,
                    howChecked,
                }
            );
            Tell(by, user, SignInChange.IdentityUnlinked, now);
        }
        await db.Database.ExecuteSqlAsync(
            $"update users set known_devices_since = {now} where id = {user.Id}",
            cancellation
        );
        await db.Database.ExecuteSqlAsync($"delete from sessions where user_id = {user.Id}", cancellation);
        await db.Database.ExecuteSqlAsync($"delete from pending_sign_ins where user_id = {user.Id}", cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    private void Tell(Viewer by, User user, SignInChange what, DateTimeOffset now) =>
        Outbox.Enqueue(
            db,
            user.Email,
            new SignInChanged(what) { FirstName = user.FirstName, LastName = user.LastName },
            null,
            now,
            by.UserId
        );
}
