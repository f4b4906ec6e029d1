using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>A person's name and email address as they were, or as they shall be.</summary>
internal sealed record Details(string? FirstName, string? LastName, string Email)
{
    public static Details Of(User user) => new(user.FirstName, user.LastName, user.Email);
}

/// <summary>An email that a change causes, and what it is for in the words of the check page.</summary>
/// <param name="Email">Null: the invitation, with a new link, of every organisation that has invited the person.</param>
internal sealed record Notice(string To, string Purpose, Email? Email);

internal enum ChangeOutcome
{
    Changed,

    /// <summary>Someone else changed this person after the form was opened.</summary>
    SomebodyWasFaster,
    EmailInUse,

    /// <summary>The rules do not allow it any more: the person has signed in since, or joined another organisation.</summary>
    NotAllowed,

    /// <summary>The person was removed from the organisation meanwhile.</summary>
    Gone,

    /// <summary>It sends emails, and one of the mailboxes, or whoever changes it, has reached the limit of a day.</summary>
    TooManyEmails,
}

/// <summary>Changes a person's name or email address, wherever they belong.</summary>
internal sealed class ChangeDetails(
    Db db,
    MemberPolicy policy,
    Invitations invitations,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    /// <summary>Whether the console's rules let the viewer change this person's name and email address now.</summary>
    /// <param name="elsewhere">The person also belongs to another organisation: its people would see the change too, so only support may.</param>
    public async Task<(bool Name, bool Email)> MayAsync(
        Viewer viewer,
        ConsoleOptions rules,
        User user,
        Membership here,
        bool elsewhere,
        CancellationToken cancellation
    )
    {
        bool Allows(EditPolicy policy) =>
            policy == EditPolicy.Always || (policy == EditPolicy.UntilFirstSignIn && user.RegisteredAt is null);
        if (viewer.IsSupport)
        {
            return (Allows(rules.EditName), Allows(rules.EditEmail));
        }
        // Anyone who can change an address could become the person: support staff, or someone who can do more. While a person who is
        // known elsewhere is awaited, only what the admin typed is changed: nothing is out of reach, and nothing tells that they are known.
        user = user.SeenFrom(here);
        var outOfReach =
            (elsewhere && !here.Awaited)
            || user.SupportSince is not null
            || await policy.RefuseAsync(new Actor(viewer, default), here, cancellation) is not null;
        return (!outOfReach && Allows(rules.EditName), !outOfReach && Allows(rules.EditEmail));
    }

    /// <summary>Changes, records and queues the emails, in the caller's transaction. <paramref name="before"/> is what the form was opened with.</summary>
    public async Task<ChangeOutcome> ChangeAsync(
        Viewer by,
        ConsoleOptions rules,
        Organisation organisation,
        Guid userId,
        Details before,
        Details after,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        // Everything is looked at again behind the locks: the form may be days old.
        await db.LockOrganisationsOfAsync(userId, cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {userId} for update")
            .SingleAsync(cancellation);
        var memberships = await db
            .Memberships.AsNoTracking()
            .Where(m => m.UserId == userId && m.RemovedAt == null)
            .ToListAsync(cancellation);
        if (memberships.SingleOrDefault(m => m.OrganisationId == organisation.Id) is not { } here)
        {
            return ChangeOutcome.Gone;
        }

        if (Details.Of(by.IsSupport ? user : user.SeenFrom(here)) != before)
        {
            return ChangeOutcome.SomebodyWasFaster;
        }

        var may = await MayAsync(by, rules, user, here, elsewhere: memberships.Count > 1, cancellation);
        if (
            (!may.Name && (before.FirstName, before.LastName) != (after.FirstName, after.LastName))
            || (!may.Email && before.Email != after.Email)
            || !EmailAddress.TryParse(after.Email, out var email)
        )
        {
            return ChangeOutcome.NotAllowed;
        }

        if (
            !by.IsSupport
            && (here.Awaited || (user.RegisteredAt is null && await IsSomeonesAsync(email, user.Id, cancellation)))
        )
        {
            return await ChangeAwaitedAsync(by, organisation, here, user, before, after, email, now, cancellation);
        }

        var (isNewAddress, former) = (user.EmailKey != email.Key, user.Email); // another spelling is the same mailbox
        var others = memberships.Exists(m => m.Id != here.Id && m.PausedAt is null);
        var notices = Notices(by, organisation, user, here, others, before, after).ToList();
        var toInvite =
            user.RegisteredAt is not null || user.PausedAt is not null || !isNewAddress
                ? 0
                : memberships.Count(m => m.PausedAt is null) + (user.SupportSince is null ? 0 : 1);
        var planned = notices
            .Where(n => n.Email is not null)
            .Select(n => new PlannedMessage(n.To, IsInvitation: false))
            .Concat(Enumerable.Repeat(new PlannedMessage(after.Email, IsInvitation: true), toInvite))
            .ToList();
        if (await db.RefuseMessagesAsync(options.Value.Limits, by, planned, now, cancellation) is not null)
        {
            return ChangeOutcome.TooManyEmails;
        }

        if (isNewAddress)
        {
            // What still waits to tell them that they were added to one more organisation goes to the address that they have now.
            await Outbox.ReaddressAsync(db, user.Id, email.Display, now, cancellation);
            await db.EndMailedLinksAsync(user.Id, now, cancellation);
        }
        else
        {
            await db
                .Invitations.Where(i => i.UserId == user.Id && i.Email == former)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.Email, email.Display), cancellation);
        }

        (user.FirstName, user.LastName, user.Email, user.EmailKey) = (
            after.FirstName,
            after.LastName,
            email.Display,
            email.Key
        );
        audit.Add(AuditKinds.DetailsChanged, by, now, organisation.Id, user.Id, new { from = before, to = after });
        foreach (var notice in notices.Where(n => n.Email is not null))
        {
            Outbox.Enqueue(db, notice.To, notice.Email!, MembershipOf(notice.Email!, here), now, by.UserId);
        }

        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { ConstraintName: "one_user_per_email" })
        {
            return ChangeOutcome.EmailInUse;
        }
        if (user.RegisteredAt is null && isNewAddress)
        {
            await InviteAgainAsync(by, user, memberships, now, cancellation);
        }

        return ChangeOutcome.Changed;
    }

    /// <summary>
    /// To the address that was invited. The same whether it is known elsewhere or not, with the names that were typed: the
    /// difference would tell.
    /// </summary>
    private static Removed Withdrawn(Organisation organisation, Details before) =>
        new(organisation.Name, EverSignedIn: false) { FirstName = before.FirstName, LastName = before.LastName };

    /// <summary>A withdrawn invitation is the old address's: it neither moves with the membership nor ends with a removal undone.</summary>
    private static Guid? MembershipOf(Email email, Membership here) => email is Removed ? null : here.Id;

    private Task<bool> IsSomeonesAsync(EmailAddress email, Guid but, CancellationToken cancellation) =>
        db.Users.AnyAsync(u => u.EmailKey == email.Key && u.Id != but, cancellation);

    /// <summary>
    /// Changes what an admin typed about a person who has not come. The account that was there before stays as it is: with another address, the
    /// membership goes to the person of that address, whether they are known or not, and the invitation with it.
    /// </summary>
    private async Task<ChangeOutcome> ChangeAwaitedAsync(
        Viewer by,
        Organisation organisation,
        Membership here,
        User user,
        Details before,
        Details after,
        EmailAddress email,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        // Only the name was changed: the account may have another address by now than the admin typed.
        var other =
            before.Email == after.Email || email.Key == user.EmailKey
                ? user
                : await PersonOfAsync(email, after, now, cancellation);
        var members = db.Memberships.Where(m => m.OrganisationId == organisation.Id && m.RemovedAt == null);
        if (other is null || (other.Id != user.Id && await members.AnyAsync(m => m.UserId == other.Id, cancellation)))
        {
            return ChangeOutcome.EmailInUse;
        }

        if (other.Id != user.Id)
        {
            PlannedMessage[] planned = [new(user.Email, IsInvitation: false), new(other.Email, IsInvitation: true)];
            if (await db.RefuseMessagesAsync(options.Value.Limits, by, planned, now, cancellation) is not null)
            {
                return ChangeOutcome.TooManyEmails;
            }

            await Outbox.SupersedeAdditionsAsync(db, here.Id, Endings.Readdressed, now, cancellation);
            await invitations.WithdrawAsync(here.Id, user.Id, now, cancellation);
            if (user.PausedAt is null || here.Awaited) // a paused account gets no email, unless its silence would show
            {
                var withdrawn = Withdrawn(organisation, before);
                Outbox.Enqueue(db, user.Email, withdrawn, MembershipOf(withdrawn, here), now, by.UserId);
            }

            audit.Add(
                AuditKinds.Added,
                by,
                now,
                organisation.Id,
                other.Id,
                new { email = after.Email, role = here.Role }
            );
        }
        audit.Add(AuditKinds.DetailsChanged, by, now, organisation.Id, other.Id, new { from = before, to = after });
        await db.SaveChangesAsync(cancellation);
        await db
            .Memberships.Where(m => m.Id == here.Id)
            .ExecuteUpdateAsync(
                m =>
                    m.SetProperty(x => x.UserId, other.Id)
                        .SetProperty(x => x.Awaited, true)
                        .SetProperty(x => x.TypedFirstName, after.FirstName)
                        .SetProperty(x => x.TypedLastName, after.LastName)
                        .SetProperty(x => x.TypedEmail, after.Email),
                cancellation
            );
        here.Awaited = true;
        if (other.Id != user.Id && here.PausedAt is null)
        {
            await invitations.InviteAsync(other, organisation, here, here.AddedBy, now, cancellation, by.UserId);
        }

        return ChangeOutcome.Changed;
    }

    /// <summary>The person of this address, made where there is none; null where it went to someone else at this moment.</summary>
    private async Task<User?> PersonOfAsync(
        EmailAddress email,
        Details details,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into users (id, email, email_key, first_name, last_name, created_at)
            values ({Guid.NewGuid()}, {email.Display}, {email.Key}, {details.FirstName}, {details.LastName}, {now})
            on conflict (email_key) do nothing
            """,
            cancellation
        );
        return await db
            .Users.FromSql($"select * from users where email_key = {email.Key} for no key update")
            .SingleOrDefaultAsync(cancellation);
    }

    /// <summary>Links that went to the old address end. Every organisation that waits for the person invites them at the new one.</summary>
    private async Task InviteAgainAsync(
        Viewer by,
        User user,
        List<Membership> memberships,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (user.SupportSince is not null && user.PausedAt is null)
        {
            await invitations.InviteToSupportAsync(user, by.UserId, now, cancellation);
        }

        foreach (var membership in memberships)
        {
            await invitations.WithdrawAsync(membership.Id, user.Id, now, cancellation);
            await Outbox.SupersedeAdditionsAsync(db, membership.Id, Endings.Readdressed, now, cancellation);
            if (user.PausedAt is null && membership.PausedAt is null)
            {
                await invitations.InviteAsync(
                    user,
                    await db.Organisations.SingleAsync(o => o.Id == membership.OrganisationId, cancellation),
                    membership,
                    membership.AddedBy,
                    now,
                    cancellation,
                    by.UserId
                );
            }
        }
    }

    /// <summary>The emails that the change sends, as the check page shows them.</summary>
    public async Task<IReadOnlyList<Notice>> NoticesAsync(
        Viewer by,
        Organisation organisation,
        User user,
        Membership here,
        Details before,
        Details after,
        CancellationToken cancellation
    )
    {
        var others =
            by.IsSupport
            && await db.Memberships.AnyAsync(
                m => m.UserId == user.Id && m.Id != here.Id && m.RemovedAt == null && m.PausedAt == null,
                cancellation
            );
        var seen = by.IsSupport ? user : user.SeenFrom(here);
        return [.. Notices(by, organisation, seen, here, others, before, after)];
    }

    /// <summary>The check page shows the very emails that are sent, so that it promises nothing that does not happen.</summary>
    /// <param name="others">Whether another organisation, where the person is not paused, has invited them.</param>
    private IEnumerable<Notice> Notices(
        Viewer by,
        Organisation organisation,
        User user,
        Membership here,
        bool others,
        Details before,
        Details after
    )
    {
        if (before == after || user.PausedAt is not null)
        {
            yield break;
        }

        var addressChanged =
            before.Email != after.Email
            && (!EmailAddress.TryParse(after.Email, out var email) || email.Key != user.EmailKey);
        if (user.RegisteredAt is not null)
        {
            yield return new(
                after.Email,
                "to tell them what was changed",
                new DetailsChanged(
                    NewFirstName: before.FirstName == after.FirstName ? null : after.FirstName,
                    NewLastName: before.LastName == after.LastName ? null : after.LastName,
                    NewEmailAddress: before.Email == after.Email ? null : after.Email,
                    ChangedBy: by.IsSupport ? null : organisation.Name
                )
                {
                    FirstName = after.FirstName,
                    LastName = after.LastName,
                }
            );
        }
        else if (addressChanged)
        {
            List<string> inviters = [];
            if (here.PausedAt is null)
            {
                inviters.Add(organisation.Name);
            }

            if (others)
            {
                inviters.Add("each other organisation that has invited them");
            }

            if (user.SupportSince is not null)
            {
                inviters.Add(options.Value.SupportName);
            }

            if (inviters.Count > 0)
            {
                var comma = inviters.Count > 1 ? "," : "";
                yield return new(
                    after.Email,
                    $"to tell them they have been added to {Sentence.And(inviters)}{comma} and how to sign in",
                    null
                );
            }

            yield return new(
                before.Email,
                "to tell them their invitation has been withdrawn",
                Withdrawn(organisation, before)
            );
        }

        if (addressChanged && user.RegisteredAt is not null)
        {
            var changed = new AddressChanged { FirstName = after.FirstName, LastName = after.LastName };
            yield return new(before.Email, "to tell them it is no longer used", changed);
        }
    }
}
