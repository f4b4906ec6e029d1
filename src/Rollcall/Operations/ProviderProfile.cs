using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Takes over what a provider says about a person: their address and, by its settings, their name.</summary>
internal sealed class ProviderProfile(Db db, AuditLog audit, IOptions<RollcallOptions> options)
{
    /// <summary>
    /// When the provider has verified another address than last time, the account gets it. The old mailbox is told, and
    /// links that were sent there end. If another account has the address, the person still signs in, and the audit log
    /// says so: support must sort it out.
    /// </summary>
    public async Task FollowAddressAsync(Actor actor, ProviderIdentity identity, User user)
    {
        var said = await db
            .Database.SqlQuery<string?>(
                $"""
                select email as "Value" from sign_in_identities
                where issuer = {identity.Issuer} and subject = {identity.Subject}
                """
            )
            .SingleAsync();
        if (
            !identity.EmailVerified
            || !EmailAddress.TryParse(identity.Email, out var email)
            || email.Key == user.EmailKey
            || (EmailAddress.TryParse(said, out var last) && last.Key == email.Key)
        )
        {
            return;
        }

        var before = Details.Of(user);
        var key = user.EmailKey;
        user.Email = email.Display;
        user.EmailKey = email.Key;
        Record(actor, identity, user, before);
        try
        {
            await db.SaveChangesAsync();
            await db.EndMailedLinksAsync(user.Id, actor.Now);
            await Outbox.ReaddressAsync(db, user.Id, user.Email, actor.Now);
            var told = new AddressChanged { FirstName = user.FirstName, LastName = user.LastName };
            Outbox.Enqueue(db, before.Email, told, null, actor.Now);
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { ConstraintName: "one_user_per_email" })
        {
            db.ChangeTracker.Clear();
            user.Email = before.Email;
            user.EmailKey = key;
            db.Attach(user);
            audit.Add(actor, new ProviderAddressTaken(identity.Provider, email.Display), user: user.Id);
        }
    }

    /// <summary>
    /// Takes the provider's name where the settings say so, or where the person has none. A blank one never replaces a
    /// name, nor does one that an email would show as a link.
    /// </summary>
    public void TakeName(Actor actor, ProviderIdentity identity, User user)
    {
        var source = options.Value.SignIn.Provider(identity.Provider)?.NameSource;
        var theirs = source == NameSource.IdentityProvider;
        var before = Details.Of(user);
        if (theirs || string.IsNullOrWhiteSpace(user.FirstName))
        {
            user.FirstName = PersonName.Check(identity.FirstName, PersonName.First).Name ?? user.FirstName;
        }

        if (theirs || string.IsNullOrWhiteSpace(user.LastName))
        {
            user.LastName = PersonName.Check(identity.LastName, PersonName.Last).Name ?? user.LastName;
        }

        if (Details.Of(user) != before)
        {
            Record(actor, identity, user, before);
        }
    }

    private void Record(Actor actor, ProviderIdentity identity, User user, Details before) =>
        audit.Add(actor, new UserDetailsChanged(before, Details.Of(user), identity.Provider), user: user.Id);
}
