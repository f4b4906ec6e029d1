using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>The identity at a provider that a person here signs in with.</summary>
internal sealed record LinkedIdentity(string Issuer, string Subject, string? Email)
{
    /// <summary>Names it in a form.</summary>
    public string Key => $"{Issuer} {Subject}";
}

/// <summary>
/// Lets support remove what a person has lost and signed in with. Support never sets a password: only a link to the
/// person's own mailbox does.
/// </summary>
internal sealed class SignInRepair(Db db, AuditLog audit)
{
    public static readonly Refusal Yourself = new(null, "You cannot do this for yourself");

    public async Task<List<LinkedIdentity>> IdentitiesOfAsync(Guid user, CancellationToken cancellation) =>
        await db
            .Database.SqlQuery<LinkedIdentity>(
                $"""
                select issuer as "Issuer", subject as "Subject", email as "Email" from sign_in_identities
                where user_id = {user} order by linked_at, issuer, subject
                """
            )
            .ToListAsync(cancellation);

    /// <summary>
    /// Removes every second factor and passkey, or identities at providers, or both. Ends the person's sessions and
    /// tells them (ASVS 5.0, 6.4.4; NIST SP 800-63B-4, 4.2.1.1).
    /// </summary>
    /// <param name="secondFactors">Authenticator app, codes by text and email, passkeys and recovery codes.</param>
    /// <param name="identities">Each by its <see cref="LinkedIdentity.Key"/>.</param>
    /// <param name="howChecked">How support checked who asked; kept in the record.</param>
    public async Task<Result> RemoveAsync(
        Actor actor,
        User user,
        bool secondFactors,
        IReadOnlyCollection<string> identities,
        string howChecked
    ) =>
        actor.Is(user.Id)
            ? Yourself
            : await db.InTransactionAsync(async () =>
            {
                await db.Database.ExecuteSqlAsync($"select from users where id = {user.Id} for no key update");
                if (secondFactors)
                {
                    await RemoveSecondFactorsAsync(user.Id);
                    audit.Add(actor, new SecondFactorsReset(howChecked), user: user.Id);
                    Tell(actor, user, SignInChange.SecondFactorsReset);
                }

                foreach (var identity in await IdentitiesOfAsync(user.Id, CancellationToken.None))
                {
                    if (!identities.Contains(identity.Key, StringComparer.Ordinal))
                    {
                        continue;
                    }

                    await db.Database.ExecuteSqlAsync(
                        $"""
                        delete from sign_in_identities
                        where issuer = {identity.Issuer} and subject = {identity.Subject}
                        """
                    );
                    var unlinked = new IdentityUnlinked(identity.Issuer, identity.Email, howChecked);
                    audit.Add(actor, unlinked, user: user.Id);
                    Tell(actor, user, SignInChange.IdentityUnlinked);
                }

                await db.ForgetDevicesAsync(user.Id, actor.Now);
                await db.EndSessionsAsync(user.Id);
                return Result.Done;
            });

    private async Task RemoveSecondFactorsAsync(Guid userId)
    {
        await db
            .Users.Where(u => u.Id == userId)
            .ExecuteUpdateAsync(u =>
                u.SetProperty(x => x.MobileConfirmedAt, (DateTimeOffset?)null).SetProperty(x => x.EmailCodes, false)
            );
        await db.Database.ExecuteSqlAsync($"delete from authenticators where user_id = {userId}");
        await db.Database.ExecuteSqlAsync($"delete from passkeys where user_id = {userId}");
        await db.Database.ExecuteSqlAsync($"delete from recovery_codes where user_id = {userId}");
    }

    private void Tell(Actor actor, User user, SignInChange what) =>
        Outbox.Enqueue(db, user, new SignInChanged(what), actor.Now, causedBy: actor.UserId);
}
