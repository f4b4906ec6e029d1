using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Somebody a provider has vouched for: every signature and claim was checked.</summary>
/// <param name="Provider">The key of its settings.</param>
/// <param name="Email">As the provider writes it.</param>
/// <param name="EmailVerified">The provider promises that the person reads that mailbox.</param>
internal sealed record ProviderIdentity(
    string Provider,
    string Issuer,
    string Subject,
    string? Email,
    bool EmailVerified,
    string? FirstName,
    string? LastName
);

/// <summary>What became of somebody who came from a provider.</summary>
internal enum ProviderOutcome
{
    SignedIn,

    /// <summary>Nobody here is them.</summary>
    NotRecognised,

    /// <summary>Their account, or everything they belong to, is paused.</summary>
    Paused,

    /// <summary>They opened an invitation that was sent to another address: they must say that it is theirs.</summary>
    OtherAddress,

    /// <summary>They opened an invitation for another person than the one they are here.</summary>
    OtherPerson,

    /// <summary>Their organisation does not let people sign in this way.</summary>
    NotThisWay,

    /// <summary>An account with that address is in use: its own sign-in must come first.</summary>
    HasAccount,

    /// <summary>
    /// They are invited to manage users: an address alone does not let them in, the link in their email does.
    /// </summary>
    NeedsLink,

    /// <summary>
    /// They manage users and have no way in any more: an address alone does not give them a new one, support does.
    /// </summary>
    NeedsSupport,
}

/// <param name="User">Only when they signed in.</param>
/// <param name="Known">The address that a person who is told <see cref="ProviderOutcome.OtherPerson"/> or
/// <see cref="ProviderOutcome.HasAccount"/> has here.</param>
/// <param name="Invited">The address that their invitation went to.</param>
/// <param name="IsNew">This sign-in registered them.</param>
internal sealed record ProviderResult(
    ProviderOutcome Entry,
    User? User = null,
    string? Known = null,
    string? Invited = null,
    bool IsNew = false
);

/// <summary>
/// Decides who somebody is that comes from a provider. A person is issuer and subject, never an address (ASVS 5.0, 6.8.1): the address, or an invitation's
/// link, only joins the two the first time.
/// </summary>
internal sealed class ProviderSignIn(
    Db db,
    SignIns signIns,
    Invitations invitations,
    Throttle throttle,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    /// <summary>Signs in, joining the identity to a person if it is the first time, all in one transaction; or says why not and changes nothing.</summary>
    /// <param name="invitation">The invitation whose link this browser opened, or null.</param>
    /// <param name="agreed">The person said that the address of the invitation and the one at the provider are both theirs.</param>
    public async Task<ProviderResult> EnterAsync(
        ProviderIdentity identity,
        Guid? invitation,
        bool agreed,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var entered = await DecideAsync(identity, invitation, agreed, now, cancellation);
        if (entered.Entry != ProviderOutcome.SignedIn)
        {
            await transaction.RollbackAsync(cancellation);
            db.ChangeTracker.Clear();
            // No one can delete from the record: someone who comes again and again is not written down each time.
            if (await throttle.TryAsync(Tries.Refused, $"{identity.Issuer} {identity.Subject}", cancellation))
            {
                var email = EmailAddress.Mask(identity.Email);
                var what = new
                {
                    provider = identity.Provider,
                    why = entered.Entry.ToString(),
                    email,
                };
                audit.Add(AuditKinds.SignInRefused, null, now, null, null, what);
            }
            await db.SaveChangesAsync(cancellation);
            return entered;
        }
        await transaction.CommitAsync(cancellation);
        return entered;
    }

    private async Task<ProviderResult> DecideAsync(
        ProviderIdentity identity,
        Guid? invitation,
        bool agreed,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var invited = invitation is null
            ? null
            : await db.Invitations.AsNoTracking().SingleOrDefaultAsync(i => i.Id == invitation, cancellation);
        if (invited?.State(now) is not LinkState.Live)
        {
            invited = null; // a link that was used or taken back proves nothing
        }

        if (await KnownAsync(identity, cancellation) is { } known)
        {
            var user = await LockAsync(known, cancellation);
            return invited is not null && invited.UserId != user.Id
                    ? new(ProviderOutcome.OtherPerson, Known: user.Email, Invited: invited.Email)
                : await WhyNotAsync(identity, user, cancellation) is { } no ? new(no)
                : await GoInAsync(identity, user, isNew: false, now, cancellation);
        }

        var email = EmailAddress.Check(identity.Email).Address;
        if (invited is null && (email is null || !identity.EmailVerified))
        {
            return new(ProviderOutcome.NotRecognised);
        }

        var id =
            invited?.UserId
            ?? await db
                .Users.Where(u => u.EmailKey == email!.Key && u.SupportSince == null)
                .Select(u => (Guid?)u.Id)
                .SingleOrDefaultAsync(cancellation);
        if (id is null)
        {
            return new(ProviderOutcome.NotRecognised);
        }

        // Everything is looked at again behind the locks: the person may be removed, or joined to another identity, at this very moment.
        await db.LockOrganisationsOfAsync(id.Value, cancellation);
        var person = await LockAsync(id.Value, cancellation);
        if (invited is not null)
        {
            invited = await db.Invitations.AsNoTracking().SingleAsync(i => i.Id == invited.Id, cancellation);
        }

        var mine = await db
            .Memberships.AsNoTracking()
            .AnyAsync(m => m.UserId == person.Id && m.RemovedAt == null, cancellation);
        var byLink = invited?.State(now) is LinkState.Live && (mine || person.SupportSince is not null);
        var byAddress = person.SupportSince is null && mine && identity.EmailVerified && email?.Key == person.EmailKey;
        if (!byLink && !byAddress)
        {
            return new(ProviderOutcome.NotRecognised);
        }

        if (await WhyNotAsync(identity, person, cancellation) is { } why)
        {
            return new(why);
        }

        if (await KnownAsync(identity, cancellation) == person.Id) // in two tabs at once: the other one was faster
        {
            return await GoInAsync(identity, person, isNew: false, now, cancellation);
        }

        var inUse = person.RegisteredAt is not null;
        if (inUse && await CanSignInAsync(person, cancellation))
        {
            return byAddress
                ? new(ProviderOutcome.HasAccount, Known: person.Email)
                : new(ProviderOutcome.NotRecognised);
        }

        if ((inUse || !byLink) && await ManagesUsersAsync(person, cancellation))
        {
            return inUse ? new(ProviderOutcome.NeedsSupport) : new(ProviderOutcome.NeedsLink, Invited: person.Email);
        }

        if (email?.Key != person.EmailKey && !agreed)
        {
            return new(ProviderOutcome.OtherAddress, Invited: invited!.Email);
        }
        // A password that was begun with a link and never finished may be of somebody else who had the link: it must not become theirs.
        await invitations.ForgetWhatWasBegunAsync(person.Id, cancellation);
        // The unique indexes decide: nobody gets a second identity, and no identity a second person.
        var joined =
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into sign_in_identities (issuer, subject, user_id, email, linked_at, last_used_at)
                values ({identity.Issuer}, {identity.Subject}, {person.Id}, {identity.Email}, {now}, {now}) on conflict do nothing
                """,
                cancellation
            ) == 1;
        if (joined && inUse)
        {
            Tell(identity, person, now);
        }

        if (!joined)
        {
            return new(ProviderOutcome.NotRecognised);
        }

        var linkOf = invited is null
            ? null
            : await db
                .Memberships.Where(m => m.Id == invited.MembershipId)
                .Select(m => (Guid?)m.OrganisationId)
                .SingleOrDefaultAsync(cancellation);
        return await GoInAsync(identity, person, isNew: true, now, cancellation, linkOf);
    }

    /// <summary>
    /// Joins the identity to an account that is in use. Its owner has signed in to it a short while ago, the usual
    /// way, and has said that they want it. An identity that the account had before is replaced: a person has one.
    /// </summary>
    public async Task<bool> ConnectAsync(
        Viewer by,
        ProviderIdentity identity,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var person = await LockAsync(by.UserId, cancellation);
        var email = EmailAddress.Check(identity.Email).Address;
        if (
            await KnownAsync(identity, cancellation) is not null
            || !identity.EmailVerified
            || email?.Key != person.EmailKey
            || person.SupportSince is not null
            || person.RegisteredAt is null
            || await WhyNotAsync(identity, person, cancellation) is not null
        )
        {
            return false;
        }
        await db.Database.ExecuteSqlAsync($"delete from sign_in_identities where user_id = {person.Id}", cancellation);
        var joined =
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into sign_in_identities (issuer, subject, user_id, email, linked_at, last_used_at)
                values ({identity.Issuer}, {identity.Subject}, {person.Id}, {identity.Email}, {now}, {now}) on conflict do nothing
                """,
                cancellation
            ) == 1;
        if (!joined)
        {
            return false;
        }

        var what = new { provider = identity.Provider, email = identity.Email };
        audit.Add(AuditKinds.IdentityLinked, by, now, null, person.Id, what);
        Tell(identity, person, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private void Tell(ProviderIdentity identity, User person, DateTimeOffset now)
    {
        var name = options.Value.SignIn.Provider(identity.Provider)?.Name ?? identity.Provider;
        var email = new ProviderConnected(name) { FirstName = person.FirstName, LastName = person.LastName };
        Outbox.Enqueue(db, person.Email, email, null, now);
    }

    /// <summary>
    /// Whether the person has a way to sign in as things are configured now. After support took the last one away, the
    /// verified address joins again, except where they manage users.
    /// </summary>
    private async Task<bool> CanSignInAsync(User person, CancellationToken cancellation)
    {
        var issuers = options.Value.SignIn.Providers.Select(p => p.Issuer).ToArray();
        return (
                options.Value.SignIn.Passwords
                && (
                    person.PasswordHash is not null
                    || await db.Passkeys.AnyAsync(p => p.UserId == person.Id, cancellation)
                )
            )
            || await db
                .Database.SqlQuery<bool>(
                    $"""
                    select exists (select from sign_in_identities where user_id = {person.Id} and issuer = any({issuers})) as "Value"
                    """
                )
                .SingleAsync(cancellation);
    }

    /// <summary>Where everyone manages users, that sets no one apart.</summary>
    private async Task<bool> ManagesUsersAsync(User person, CancellationToken cancellation)
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
            .ToListAsync(cancellation);
        return theirs.Exists(roles.ManagesUsers);
    }

    private Task<Guid?> KnownAsync(ProviderIdentity identity, CancellationToken cancellation) =>
        db
            .Database.SqlQuery<Guid?>(
                $"select user_id as \"Value\" from sign_in_identities where issuer = {identity.Issuer} and subject = {identity.Subject}"
            )
            .SingleOrDefaultAsync(cancellation);

    private Task<User> LockAsync(Guid user, CancellationToken cancellation) =>
        db.Users.FromSql($"select * from users where id = {user} for update").SingleAsync(cancellation);

    /// <summary>What keeps a person out who is who they say, or null.</summary>
    private async Task<ProviderOutcome?> WhyNotAsync(
        ProviderIdentity identity,
        User user,
        CancellationToken cancellation
    )
    {
        var pauses = await (
            from m in db.Memberships
            where m.UserId == user.Id && m.RemovedAt == null
            select m.PausedAt
        ).ToListAsync(cancellation);
        if (
            user.PausedAt is not null
            || (user.SupportSince is null && pauses.Count > 0 && pauses.All(paused => paused is not null))
        )
        {
            return ProviderOutcome.Paused;
        }
        // What the others of somebody's organisations ask for, they ask at their own door (Gate).
        return await signIns.IsAllowedAsync(user, identity.Provider, cancellation) ? null : ProviderOutcome.NotThisWay;
    }

    private async Task<ProviderResult> GoInAsync(
        ProviderIdentity identity,
        User user,
        bool isNew,
        DateTimeOffset now,
        CancellationToken cancellation,
        Guid? linkOf = null
    )
    {
        var viewer = new Viewer(user.Id, user.DisplayName, user.Email, user.SupportSince is not null, []);
        var registers = user.RegisteredAt is null;
        if (isNew)
        {
            audit.Add(
                AuditKinds.IdentityLinked,
                viewer,
                now,
                null,
                user.Id,
                new { provider = identity.Provider, email = identity.Email }
            );
        }
        else
        {
            await FollowAddressAsync(identity, user, viewer, now, cancellation);
        }

        TakeName(identity, user, viewer, now);
        await db.SaveChangesAsync(cancellation);
        await signIns.SignInAsync(user, SignInMethods.Provider(identity.Provider), now, cancellation, linkOf);
        await db.Database.ExecuteSqlAsync(
            $"""
            update sign_in_identities set last_used_at = {now}, email = coalesce({identity.Email}, email) where issuer = {identity.Issuer} and subject = {identity.Subject}
            """,
            cancellation
        );
        return new(ProviderOutcome.SignedIn, user, IsNew: registers);
    }

    /// <summary>
    /// When the provider says another address than last time, and has verified it, the person is written to there
    /// from now on: the old mailbox hears of it, and links that were sent there end. Unless another account has the
    /// address, which support must sort out: the person comes in all the same, and the record says so.
    /// </summary>
    private async Task FollowAddressAsync(
        ProviderIdentity identity,
        User user,
        Viewer viewer,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var said = await db
            .Database.SqlQuery<string?>(
                $"select email as \"Value\" from sign_in_identities where issuer = {identity.Issuer} and subject = {identity.Subject}"
            )
            .SingleAsync(cancellation);
        if (
            !identity.EmailVerified
            || !EmailAddress.TryParse(identity.Email, out var email)
            || email.Key == user.EmailKey
            || (EmailAddress.TryParse(said, out var last) && last.Key == email.Key)
        )
        {
            return;
        }

        var (before, key) = (Details.Of(user), user.EmailKey);
        (user.Email, user.EmailKey) = (email.Display, email.Key);
        audit.Add(
            AuditKinds.DetailsChanged,
            viewer,
            now,
            null,
            user.Id,
            new
            {
                from = before,
                to = Details.Of(user),
                provider = identity.Provider,
            }
        );
        try
        {
            await db.SaveChangesAsync(cancellation);
            await db.EndMailedLinksAsync(user.Id, now, cancellation);
            await Outbox.ReaddressAsync(db, user.Id, user.Email, now, cancellation);
            var told = new AddressChanged { FirstName = user.FirstName, LastName = user.LastName };
            Outbox.Enqueue(db, before.Email, told, null, now);
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { ConstraintName: "one_user_per_email" })
        {
            db.ChangeTracker.Clear();
            (user.Email, user.EmailKey) = (before.Email, key);
            db.Attach(user);
            audit.Add(
                AuditKinds.ProviderAddressTaken,
                viewer,
                now,
                null,
                user.Id,
                new { provider = identity.Provider, email = email.Display }
            );
        }
    }

    /// <summary>C9: whose name counts is a setting. A blank one, or one that would be a link in an email, never replaces a name.</summary>
    private void TakeName(ProviderIdentity identity, User user, Viewer viewer, DateTimeOffset now)
    {
        var theirs = options.Value.SignIn.Provider(identity.Provider)?.NameSource == NameSource.IdentityProvider;
        var before = Details.Of(user);
        if (
            (theirs || string.IsNullOrWhiteSpace(user.FirstName))
            && PersonName.Check(identity.FirstName, PersonName.First).Name is { } first
        )
        {
            user.FirstName = first;
        }

        if (
            (theirs || string.IsNullOrWhiteSpace(user.LastName))
            && PersonName.Check(identity.LastName, PersonName.Last).Name is { } last
        )
        {
            user.LastName = last;
        }

        if (Details.Of(user) is var after && after != before)
        {
            audit.Add(
                AuditKinds.DetailsChanged,
                viewer,
                now,
                null,
                user.Id,
                new
                {
                    from = before,
                    to = after,
                    provider = identity.Provider,
                }
            );
        }
    }
}
