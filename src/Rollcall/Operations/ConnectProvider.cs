using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Links an identity to an account in use. Its owner has just signed in the usual way, and has confirmed it. An
/// identity that the account had before is replaced: a person has one.
/// </summary>
internal sealed class ConnectProvider(Db db, ProviderAccounts accounts)
{
    public static readonly Refusal NotConnected = new(null, "This sign-in could not be connected to your account");

    public Task<Result> ConnectAsync(Actor actor, ProviderIdentity identity) =>
        db.InTransactionAsync(async () =>
        {
            var person = await accounts.LockAsync(actor.UserId!.Value);
            var email = EmailAddress.Check(identity.Email).Address;
            if (
                await accounts.FindAsync(identity) is not null
                || !identity.EmailVerified
                || email?.Key != person.EmailKey
                || person.SupportSince is not null
                || person.RegisteredAt is null
                || await accounts.WhyNotAsync(identity, person) is not null
            )
            {
                return NotConnected;
            }

            await db.Database.ExecuteSqlAsync($"delete from sign_in_identities where user_id = {person.Id}");
            if (!await accounts.LinkAsync(actor, identity, person))
            {
                return NotConnected;
            }

            accounts.Tell(identity, person, actor.Now);
            return Result.Done;
        });
}
