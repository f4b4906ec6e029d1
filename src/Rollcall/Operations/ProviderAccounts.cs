using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Links identities at providers to accounts, and knows what keeps a person out.</summary>
internal sealed class ProviderAccounts(
    Db db,
    SignIns signIns,
    Throttle throttle,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    /// <summary>The account that this identity belongs to.</summary>
    public Task<Guid?> FindAsync(ProviderIdentity identity) =>
        db
            .Database.SqlQuery<Guid?>(
                $"""
                select user_id as "Value" from sign_in_identities
                where issuer = {identity.Issuer} and subject = {identity.Subject}
                """
            )
            .SingleOrDefaultAsync();

    public Task<User> LockAsync(Guid user) =>
        db.Users.FromSql($"select * from users where id = {user} for update").SingleAsync();

    /// <summary>
    /// Links the identity to the account. The unique indexes decide: no person gets a second identity, and no identity
    /// a second person.
    /// </summary>
    /// <returns>Whether this call linked it.</returns>
    public async Task<bool> LinkAsync(Actor actor, ProviderIdentity identity, User person)
    {
        var linked = await db.Database.ExecuteSqlAsync(
            $"""
            insert into sign_in_identities (issuer, subject, user_id, email, linked_at, last_used_at)
            values ({identity.Issuer}, {identity.Subject}, {person.Id}, {identity.Email}, {actor.Now}, {actor.Now})
            on conflict do nothing
            """
        );
        if (linked == 0)
        {
            return false;
        }

        audit.Add(actor, new IdentityLinked(identity.Provider, identity.Email), user: person.Id);
        return true;
    }

    /// <summary>Tells the owner of an account in use that it now has another way to sign in.</summary>
    public void Tell(ProviderIdentity identity, User person, DateTimeOffset now)
    {
        var name = options.Value.SignIn.Provider(identity.Provider)?.Name ?? identity.Provider;
        Outbox.Enqueue(db, person, new ProviderConnected(name), now);
    }

    /// <summary>What keeps a person out although they are who they say, or null.</summary>
    public async Task<ProviderOutcome?> WhyNotAsync(ProviderIdentity identity, User user)
    {
        var pauses = await db
            .Memberships.Where(m => m.UserId == user.Id && m.RemovedAt == null)
            .Select(m => m.PausedAt)
            .ToListAsync();
        var pausedEverywhere = pauses.Count > 0 && pauses.TrueForAll(paused => paused is not null);
        if (user.PausedAt is not null || (user.SupportSince is null && pausedEverywhere))
        {
            return ProviderOutcome.Paused;
        }

        // One organisation that allows this way is enough. The gate asks for what the others demand.
        return await signIns.IsAllowedAsync(user, identity.Provider, CancellationToken.None)
            ? null
            : ProviderOutcome.NotThisWay;
    }

    /// <summary>
    /// Whether the person has a way to sign in under today's settings. After support removed the last one, the verified
    /// address links again, except where they manage users.
    /// </summary>
    public async Task<bool> CanSignInAsync(User person)
    {
        if (
            options.Value.SignIn.Passwords
            && (person.PasswordHash is not null || await db.Passkeys.AnyAsync(p => p.UserId == person.Id))
        )
        {
            return true;
        }

        var issuers = options.Value.SignIn.Providers.Select(p => p.Issuer).ToArray();
        return await db
            .Database.SqlQuery<bool>(
                $"""
                select exists (
                  select from sign_in_identities where user_id = {person.Id} and issuer = any({issuers})) as "Value"
                """
            )
            .SingleAsync();
    }

    /// <summary>Where everyone manages users, this sets no one apart, and is false.</summary>
    public async Task<bool> ManagesUsersAsync(User person)
    {
        var roles = Roles.Of(options.Value);
        if (roles.AreOne)
        {
            return false;
        }

        var theirs = await db
            .Memberships.AsNoTracking()
            .Where(m => m.UserId == person.Id && m.RemovedAt == null)
            .Select(m => m.Role)
            .ToListAsync();
        return theirs.Exists(roles.ManagesUsers);
    }

    /// <summary>
    /// Records a sign-in that was refused. No one can delete from the audit log, so a person who tries again and again
    /// is not recorded each time.
    /// </summary>
    public async Task RecordRefusalAsync(ProviderIdentity identity, ProviderOutcome outcome, DateTimeOffset now)
    {
        var key = $"{identity.Issuer} {identity.Subject}";
        if (await throttle.TryAsync(Tries.Refused, key, CancellationToken.None))
        {
            var masked = EmailAddress.Mask(identity.Email);
            var refused = new SignInRefused(masked, Provider: identity.Provider, Why: outcome.ToString());
            audit.Add(new Actor(null, now), refused);
            await db.SaveChangesAsync();
        }
    }
}
