using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Decides which person a provider's account belongs to. They are recognised by issuer and subject, never by an address
/// (ASVS 5.0, 6.8.1). An address or an invitation's link only links the two the first time.
/// </summary>
internal sealed class ProviderSignIn(Db db, ProviderAccounts accounts, ProviderProfile profile, SignIns signIns)
{
    /// <summary>
    /// Signs the person in, linking the identity to their account the first time, in one transaction. Any other outcome
    /// changes nothing.
    /// </summary>
    /// <param name="invitation">The invitation whose link this browser opened, or null.</param>
    /// <param name="agreed">
    /// The person said that the invitation's address and the provider's are both theirs.
    /// </param>
    public async Task<ProviderResult> EnterAsync(
        ProviderIdentity identity,
        Guid? invitation,
        bool agreed,
        DateTimeOffset now
    )
    {
        var result = await db.InTransactionAsync(() => DecideAsync(identity, invitation, agreed, now));
        if (result.Outcome != ProviderOutcome.SignedIn)
        {
            await accounts.RecordRefusalAsync(identity, result.Outcome, now);
        }

        return result;
    }

    private async Task<ProviderResult> DecideAsync(
        ProviderIdentity identity,
        Guid? invitation,
        bool agreed,
        DateTimeOffset now
    )
    {
        var invited = invitation is null
            ? null
            : await db.Invitations.AsNoTracking().SingleOrDefaultAsync(i => i.Id == invitation);
        if (invited?.State(now) is not LinkState.Live)
        {
            invited = null; // a link that was used or withdrawn proves nothing
        }

        if (await accounts.FindAsync(identity) is { } known)
        {
            var user = await accounts.LockAsync(known);
            return invited is not null && invited.UserId != user.Id
                    ? new(ProviderOutcome.OtherPerson, Known: user.Email, Invited: invited.Email)
                : await accounts.WhyNotAsync(identity, user) is { } no ? new(no)
                : await GoInAsync(identity, user, isNew: false, now);
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
                .SingleOrDefaultAsync();
        return id is null
            ? new(ProviderOutcome.NotRecognised)
            : await LinkAsync(identity, id.Value, invited, agreed, now);
    }

    /// <summary>
    /// Links the identity to a person, by their invitation or by their verified address. Everything is checked again
    /// behind the locks: they may be removed, or linked to another identity, at this moment.
    /// </summary>
    private async Task<ProviderResult> LinkAsync(
        ProviderIdentity identity,
        Guid userId,
        Invitation? invited,
        bool agreed,
        DateTimeOffset now
    )
    {
        await db.LockOrganisationsOfAsync(userId);
        var person = await accounts.LockAsync(userId);
        if (invited is not null)
        {
            invited = await db.Invitations.AsNoTracking().SingleAsync(i => i.Id == invited.Id);
        }

        var email = EmailAddress.Check(identity.Email).Address;
        var belongs = await db.Memberships.AnyAsync(m => m.UserId == userId && m.RemovedAt == null);
        var isSupport = person.SupportSince is not null;
        var byLink = invited?.State(now) is LinkState.Live && (belongs || isSupport);
        var byAddress = !isSupport && belongs && identity.EmailVerified && email?.Key == person.EmailKey;
        if (!byLink && !byAddress)
        {
            return new(ProviderOutcome.NotRecognised);
        }

        if (await accounts.WhyNotAsync(identity, person) is { } why)
        {
            return new(why);
        }

        if (await accounts.FindAsync(identity) == userId)
        {
            return await GoInAsync(identity, person, isNew: false, now); // another tab was faster
        }

        var inUse = person.RegisteredAt is not null;
        if (inUse && await accounts.CanSignInAsync(person))
        {
            return byAddress
                ? new(ProviderOutcome.HasAccount, Known: person.Email)
                : new(ProviderOutcome.NotRecognised);
        }

        if ((inUse || !byLink) && await accounts.ManagesUsersAsync(person))
        {
            return inUse ? new(ProviderOutcome.NeedsSupport) : new(ProviderOutcome.NeedsLink, Invited: person.Email);
        }

        if (email?.Key != person.EmailKey && !agreed)
        {
            return new(ProviderOutcome.OtherAddress, Invited: invited!.Email);
        }

        // A password that was begun with a link and never finished may be another person's who had the link.
        await UnfinishedRegistrations.ClearAsync(db, [userId]);
        if (!await accounts.LinkAsync(new(Viewer.Of(person), now), identity, person))
        {
            return new(ProviderOutcome.NotRecognised);
        }

        if (inUse)
        {
            accounts.Tell(identity, person, now);
        }

        var linkOf = invited?.MembershipId is null ? (Guid?)null : invited.OrganisationId;
        return await GoInAsync(identity, person, isNew: true, now, linkOf);
    }

    private async Task<ProviderResult> GoInAsync(
        ProviderIdentity identity,
        User user,
        bool isNew,
        DateTimeOffset now,
        Guid? linkOf = null
    )
    {
        var actor = new Actor(Viewer.Of(user), now);
        var registers = user.RegisteredAt is null;
        if (!isNew)
        {
            await profile.FollowAddressAsync(actor, identity, user);
        }

        profile.TakeName(actor, identity, user);
        await db.SaveChangesAsync();
        await signIns.SignInAsync(user, SignInMethods.Provider(identity.Provider), now, linkOf);
        await db.Database.ExecuteSqlAsync(
            $"""
            update sign_in_identities set last_used_at = {now}, email = coalesce({identity.Email}, email)
            where issuer = {identity.Issuer} and subject = {identity.Subject}
            """
        );
        return new(ProviderOutcome.SignedIn, user, IsNew: registers);
    }
}
