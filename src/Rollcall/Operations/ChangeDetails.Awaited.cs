using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// A change by an admin of what they typed about a person who has not come (<see cref="Disclosure"/>). The account that
/// was there before stays as it is.
/// </summary>
internal sealed partial class ChangeDetails
{
    /// <summary>
    /// With another address, the membership and its invitation go to the person of that address, whether they are known
    /// or not.
    /// </summary>
    private async Task<Result<User>> ChangeAwaitedAsync(Changing change)
    {
        var (actor, organisation, here, user, before, after, email) = change;
        // Where only the name changes, the account may have another address by now than the admin typed.
        var keepsAddress = before.Email == after.Email || email.Key == user.EmailKey;
        var other = keepsAddress ? user : await PersonOfAsync(email, after, actor.Now);
        if (other is null)
        {
            return InUse;
        }

        var moves = other.Id != user.Id;
        if (moves)
        {
            if (await IsMemberAsync(organisation.Id, other.Id))
            {
                return InUse;
            }

            PlannedMessage[] planned = [new(user.Email, IsInvitation: false), new(other.Email, IsInvitation: true)];
            if (await AreTooManyAsync(actor, planned))
            {
                return TooManyEmails;
            }

            await WithdrawAsync(change);
            audit.Add(actor, new MemberAdded(after.Email, here.Role), organisation.Id, other.Id);
        }

        audit.Add(actor, new UserDetailsChanged(before, after), organisation.Id, other.Id);
        await db.SaveChangesAsync();
        await db
            .Memberships.Where(m => m.OrganisationId == here.OrganisationId && m.Id == here.Id)
            .ExecuteUpdateAsync(m =>
                m.SetProperty(x => x.UserId, other.Id)
                    .SetProperty(x => x.Awaited, true)
                    .SetProperty(x => x.TypedFirstName, after.FirstName)
                    .SetProperty(x => x.TypedLastName, after.LastName)
                    .SetProperty(x => x.TypedEmail, after.Email)
            );
        here.Awaited = true;
        if (moves && here.PausedAt is null)
        {
            await invitations.InviteAsync(other, organisation, here, here.AddedBy, actor.Now, causedBy: actor.UserId);
        }

        return other;
    }

    /// <summary>Takes back the invitation at the old address, and tells the person there.</summary>
    private async Task WithdrawAsync(Changing change)
    {
        var (actor, organisation, here, user, before, _, _) = change;
        await Outbox.SupersedeAdditionsAsync(db, [here.Id], Endings.Readdressed, actor.Now);
        await invitations.WithdrawAsync(here, user.Id, actor.Now);
        if (user.PausedAt is null || here.Awaited) // a paused account gets no email, unless its silence would tell
        {
            var withdrawn = Withdrawn(organisation, before);
            Outbox.Enqueue(db, user.Email, withdrawn, MembershipOf(withdrawn, here), actor.Now, actor.UserId);
        }
    }

    private Task<bool> IsSomeoneElsesAsync(EmailAddress email, Guid userId) =>
        db.Users.AnyAsync(u => u.EmailKey == email.Key && u.Id != userId);

    private Task<bool> IsMemberAsync(Guid organisationId, Guid userId) =>
        db.Memberships.AnyAsync(m => m.OrganisationId == organisationId && m.UserId == userId && m.RemovedAt == null);

    /// <summary>
    /// The person of this address, made where there is none; null when it went to someone else at this moment.
    /// </summary>
    private async Task<User?> PersonOfAsync(EmailAddress email, Details details, DateTimeOffset now)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into users (id, email, email_key, first_name, last_name, created_at)
            values ({Guid.NewGuid()}, {email.Display}, {email.Key}, {details.FirstName}, {details.LastName}, {now})
            on conflict (email_key) do nothing
            """
        );
        return await db
            .Users.FromSql($"select * from users where email_key = {email.Key} for no key update")
            .SingleOrDefaultAsync();
    }
}
