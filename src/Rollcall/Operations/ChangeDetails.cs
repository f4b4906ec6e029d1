using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Changes a person's name or email address, wherever they belong.</summary>
internal sealed partial class ChangeDetails(
    Db db,
    MemberPolicy policy,
    Invitations invitations,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    /// <summary>Someone else changed this person after the form was opened.</summary>
    public static readonly Refusal Outdated = new(null, "Someone else changed these details");

    /// <summary>The person has signed in since, or joined another organisation.</summary>
    public static readonly Refusal NotAllowed = new(null, "You can no longer change these details");

    private static readonly Refusal InUse = new(nameof(Details.Email), EmailAddress.InUse);
    private static readonly Refusal TooManyEmails = new(
        "",
        "We have reached today’s limit for emails about this change. Try again tomorrow"
    );

    /// <summary>Whether the console's rules let the viewer change this person's name and email address now.</summary>
    /// <param name="elsewhere">
    /// The person also belongs to another organisation, whose people would see the change too: only support may make
    /// it.
    /// </param>
    public async Task<(bool Name, bool Email)> MayAsync(
        Viewer viewer,
        ConsoleOptions rules,
        User account,
        Membership here,
        bool elsewhere,
        CancellationToken cancellation = default
    )
    {
        var user = Disclosure.Seen(viewer, account, here);
        if (!viewer.IsSupport)
        {
            // Anyone who can change an address could become the person: support staff, or someone with more access.
            // While a person who is known elsewhere is awaited, only what the admin typed is changed: nothing is out of
            // reach, and nothing tells that they are known.
            var isOutOfReach =
                (elsewhere && !here.Awaited)
                || user.SupportSince is not null
                || await policy.RefuseAsync(new Actor(viewer, default), here, cancellation) is not null;
            if (isOutOfReach)
            {
                return (false, false);
            }
        }

        return (Allows(rules.EditName), Allows(rules.EditEmail));

        bool Allows(EditPolicy when) =>
            when == EditPolicy.Always || (when == EditPolicy.UntilFirstSignIn && user.RegisteredAt is null);
    }

    /// <summary>Changes the details, records it and queues the emails.</summary>
    /// <param name="before">What the form was opened with.</param>
    /// <returns>
    /// The person at the new address, who may be another one while they are awaited; unchanged when the member was
    /// removed.
    /// </returns>
    public Task<Result<User>> ChangeAsync(
        Actor actor,
        ConsoleOptions rules,
        Organisation organisation,
        Guid userId,
        Details before,
        Details after
    ) =>
        db.InTransactionAsync<Result<User>>(async () =>
        {
            // Everything is checked again behind the locks: the form may be days old.
            await db.LockOrganisationsOfAsync(userId);
            var user = await db.Users.FromSql($"select * from users where id = {userId} for update").SingleAsync();
            var memberships = await db
                .Memberships.AsNoTracking()
                .Where(m => m.UserId == userId && m.RemovedAt == null)
                .ToListAsync();
            var here = memberships.SingleOrDefault(m => m.OrganisationId == organisation.Id);
            if (here is null)
            {
                return Result<User>.Unchanged;
            }

            if (Details.Of(Disclosure.Seen(actor.Viewer!, user, here)) != before)
            {
                return Outdated;
            }

            var may = await MayAsync(actor.Viewer!, rules, user, here, elsewhere: memberships.Count > 1);
            var changesName = before.FirstName != after.FirstName || before.LastName != after.LastName;
            var changesEmail = before.Email != after.Email;
            if (
                (changesName && !may.Name)
                || (changesEmail && !may.Email)
                || !EmailAddress.TryParse(after.Email, out var email)
            )
            {
                return NotAllowed;
            }

            var change = new Changing(actor, organisation, here, user, before, after, email);
            if (
                !actor.IsSupport
                && (here.Awaited || (user.RegisteredAt is null && await IsSomeoneElsesAsync(email, user.Id)))
            )
            {
                return await ChangeAwaitedAsync(change);
            }

            return await ChangeAccountAsync(change, memberships);
        });

    /// <summary>A change that was checked, behind the locks.</summary>
    private sealed record Changing(
        Actor Actor,
        Organisation Organisation,
        Membership Here,
        User User,
        Details Before,
        Details After,
        EmailAddress Email
    );

    private async Task<Result<User>> ChangeAccountAsync(Changing change, List<Membership> memberships)
    {
        var (actor, organisation, here, user, before, after, email) = change;
        var isNewAddress = user.EmailKey != email.Key; // another spelling is the same mailbox
        var others = memberships.Exists(m => m.Id != here.Id && m.PausedAt is null);
        var notices = Notices(actor.Viewer!, organisation, user, here, others, before, after).ToList();
        var toInvite =
            user.RegisteredAt is not null || user.PausedAt is not null || !isNewAddress
                ? 0
                : memberships.Count(m => m.PausedAt is null) + (user.SupportSince is null ? 0 : 1);
        var planned = notices
            .Where(n => n.Email is not null)
            .Select(n => new PlannedMessage(n.To, IsInvitation: false))
            .Concat(Enumerable.Repeat(new PlannedMessage(after.Email, IsInvitation: true), toInvite))
            .ToList();
        if (await AreTooManyAsync(actor, planned))
        {
            return TooManyEmails;
        }

        if (isNewAddress)
        {
            // What still waits to tell them of one more organisation goes to the address that they have now.
            await Outbox.ReaddressAsync(db, user.Id, email.Display, actor.Now);
            await db.EndMailedLinksAsync(user.Id, actor.Now);
        }
        else
        {
            var former = user.Email;
            await db
                .Invitations.Where(i => i.UserId == user.Id && i.Email == former)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.Email, email.Display));
        }

        user.FirstName = after.FirstName;
        user.LastName = after.LastName;
        user.Email = email.Display;
        user.EmailKey = email.Key;
        audit.Add(actor, new UserDetailsChanged(before, after), organisation.Id, user.Id);
        foreach (var notice in notices.Where(n => n.Email is not null))
        {
            var membership = MembershipOf(notice.Email!, here);
            Outbox.Enqueue(db, notice.To, notice.Email!, membership, actor.Now, actor.UserId);
        }

        try
        {
            await db.SaveChangesAsync();
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { ConstraintName: "one_user_per_email" })
        {
            return InUse;
        }

        if (user.RegisteredAt is null && isNewAddress)
        {
            await InviteAgainAsync(actor, user, memberships);
        }

        return user;
    }

    private async Task<bool> AreTooManyAsync(Actor actor, IReadOnlyCollection<PlannedMessage> planned) =>
        await db.RefuseMessagesAsync(options.Value.Limits, actor.Viewer, planned, actor.Now) is not null;

    /// <summary>
    /// Links that went to the old address end. Every organisation that waits for the person invites them at the new
    /// one.
    /// </summary>
    private async Task InviteAgainAsync(Actor actor, User user, List<Membership> memberships)
    {
        if (user.SupportSince is not null && user.PausedAt is null)
        {
            await invitations.InviteToSupportAsync(user, actor.UserId, actor.Now);
        }

        foreach (var membership in memberships)
        {
            await invitations.WithdrawAsync(membership, user.Id, actor.Now);
            await Outbox.SupersedeAdditionsAsync(db, [membership.Id], Endings.Readdressed, actor.Now);
            if (user.PausedAt is null && membership.PausedAt is null)
            {
                await invitations.InviteAsync(
                    user,
                    await db.Organisations.SingleAsync(o => o.Id == membership.OrganisationId),
                    membership,
                    membership.AddedBy,
                    actor.Now,
                    causedBy: actor.UserId
                );
            }
        }
    }
}
