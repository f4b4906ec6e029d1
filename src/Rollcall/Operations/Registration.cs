using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

internal enum RegistrationOutcome
{
    Done,

    /// <summary>The link ended meanwhile: it ran out, was withdrawn, replaced or used.</summary>
    LinkEnded,

    /// <summary>A second factor is demanded and there is none yet.</summary>
    NeedsSecondFactor,

    /// <summary>There are terms and conditions, and they are not accepted yet.</summary>
    NeedsTerms,
}

/// <summary>
/// From an opened link to an account that can be used. What is begun stays with the account, so that the person can go on later, on another
/// device, by the link or by signing in; but until everything is complete it opens nothing.
/// </summary>
internal sealed class Registration(Db db, Invitations invitations, SignIns signIns, Terms terms, AuditLog audit)
{
    /// <summary>Keeps name, mobile and password. Whatever was begun with a link before is forgotten, on every device.</summary>
    public async Task<RegistrationOutcome> BeginAsync(
        OpenedLink link,
        string firstName,
        string lastName,
        string? mobile,
        string passwordHash,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await LockAsync(link.User!.Id, cancellation);
        if (user.RegisteredAt is not null || !await HasLiveLinkAsync(user, link.Invitation!.Id, now, cancellation))
        {
            return RegistrationOutcome.LinkEnded;
        }

        await invitations.ForgetWhatWasBegunAsync(user.Id, cancellation);
        await db.Entry(user).ReloadAsync(cancellation);
        (user.FirstName, user.LastName, user.Mobile, user.PasswordHash, user.PasswordSetAt) = (
            firstName,
            lastName,
            mobile,
            passwordHash,
            now
        );
        audit.Add(AuditKinds.RegistrationStarted, By(user), now, link.Organisation?.Id, user.Id);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return RegistrationOutcome.Done;
    }

    /// <summary>Makes the account usable once nothing is missing, ends its links and welcomes the person. Done twice, it does nothing more.</summary>
    /// <param name="session">Whose holder completes it. It ends with the link that it was begun by, so it is looked at again behind the lock.</param>
    /// <param name="method">How the session was begun: one of <see cref="SignInMethods"/>.</param>
    public async Task<RegistrationOutcome> CompleteAsync(
        Guid userId,
        Guid session,
        string method,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await LockAsync(userId, cancellation);
        if (user.RegisteredAt is not null)
        {
            return RegistrationOutcome.Done;
        }

        if (
            !await HasLiveLinkAsync(user, null, now, cancellation)
            || !(
                await db
                    .Database.SqlQuery<bool>(
                        $"""select exists (select from sessions where id = {session}) as "Value" """
                    )
                    .ToListAsync(cancellation)
            )[0]
        )
        {
            return RegistrationOutcome.LinkEnded;
        }

        var support = user.SupportSince is not null;
        if (
            !SignInMethods.HasSecondFactor(method, support)
            && (support || await DemandsSecondFactorAsync(user, cancellation))
        )
        {
            return RegistrationOutcome.NeedsSecondFactor;
        }

        if (await terms.AreToBeAcceptedByAsync(userId, cancellation))
        {
            return RegistrationOutcome.NeedsTerms;
        }

        var begun = await db
            .AuditEvents.Where(e => e.UserId == userId && e.Kind == AuditKinds.RegistrationStarted)
            .OrderByDescending(e => e.At)
            .Select(e => e.OrganisationId)
            .FirstOrDefaultAsync(cancellation);
        await signIns.SignInAsync(user, method, now, cancellation, linkOf: begun);
        await transaction.CommitAsync(cancellation);
        return RegistrationOutcome.Done;
    }

    private Task<bool> DemandsSecondFactorAsync(User user, CancellationToken cancellation) =>
        (
            from m in db.Memberships
            where m.UserId == user.Id && m.RemovedAt == null && m.PausedAt == null
            join o in db.Organisations on m.OrganisationId equals o.Id
            select o.SecondFactorRequired
        ).AnyAsync(required => required, cancellation);

    /// <summary>Whether the person still has an invitation that they can finish.</summary>
    public async Task<bool> HasLiveLinkAsync(Guid user, DateTimeOffset now, CancellationToken cancellation) =>
        await HasLiveLinkAsync(
            await db.Users.AsNoTracking().SingleAsync(u => u.Id == user, cancellation),
            null,
            now,
            cancellation
        );

    private async Task<bool> HasLiveLinkAsync(
        User user,
        Guid? oneOf,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var links = await (
            from i in db.Invitations
            where i.UserId == user.Id && (oneOf == null || i.Id == oneOf)
            from m in db.Memberships.Where(m => m.Id == i.MembershipId).DefaultIfEmpty()
            select new { Invitation = i, Paused = m!.PausedAt }
        )
            .AsNoTracking()
            .ToListAsync(cancellation);
        return user.PausedAt is null && links.Any(l => l.Paused is null && l.Invitation.State(now) == LinkState.Live);
    }

    /// <summary>A name that changes takes the organisations' locks first, like every write to their people.</summary>
    private async Task<User> LockAsync(Guid id, CancellationToken cancellation)
    {
        await db.LockOrganisationsOfAsync(id, cancellation);
        return await db.Users.FromSql($"select * from users where id = {id} for update").SingleAsync(cancellation);
    }

    private static Viewer By(User user) =>
        new(user.Id, user.DisplayName, user.Email, user.SupportSince is not null, []);
}
