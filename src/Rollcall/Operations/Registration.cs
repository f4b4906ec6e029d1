using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What a person enters to create their account.</summary>
internal sealed record NewAccount(string FirstName, string LastName, string? Mobile, string PasswordHash);

/// <summary>
/// Leads from an opened link to an account that can be used. What is begun stays with the account: the person can go on
/// later, on another device, by the link or by signing in. Until everything is complete the account opens nothing.
/// </summary>
internal sealed class Registration(Db db, SignIns signIns, Terms terms, AuditLog audit)
{
    public static readonly Refusal LinkEnded = new(null, "This invitation has expired or been used or replaced");
    public static readonly Refusal NeedsSecondFactor = new(null, "Set up a security code first");
    public static readonly Refusal NeedsTerms = new(null, "Accept the terms and conditions first");

    /// <summary>Keeps name, mobile and password. Forgets what was begun with a link before, on every device.</summary>
    public Task<Result> BeginAsync(OpenedLink link, NewAccount account, DateTimeOffset now) =>
        db.InTransactionAsync(async () =>
        {
            var user = await LockAsync(link.User!.Id);
            if (
                user.RegisteredAt is not null
                || !await HasLiveLinkAsync(user, link.Invitation!.Id, now, CancellationToken.None)
            )
            {
                return LinkEnded;
            }

            await UnfinishedRegistrations.ClearAsync(db, [user.Id]);
            await db.Entry(user).ReloadAsync();
            user.FirstName = account.FirstName;
            user.LastName = account.LastName;
            user.Mobile = account.Mobile;
            user.PasswordHash = account.PasswordHash;
            user.PasswordSetAt = now;
            var actor = new Actor(Viewer.Of(user), now);
            audit.Add(actor, new RegistrationStarted(), link.Organisation?.Id, user.Id);
            return Result.Done;
        });

    /// <summary>Once nothing is missing, makes the account usable, ends its links and welcomes the person.</summary>
    /// <param name="session">
    /// The session that completes it. It ends with the link that began it, so it is checked again behind the lock.
    /// </param>
    /// <param name="method">How the session was begun: one of <see cref="SignInMethods"/>.</param>
    public Task<Result> CompleteAsync(Guid userId, Guid session, string method, DateTimeOffset now) =>
        db.InTransactionAsync(async () =>
        {
            var user = await LockAsync(userId);
            if (user.RegisteredAt is not null)
            {
                return Result.Unchanged;
            }

            if (
                !await HasLiveLinkAsync(user, null, now, CancellationToken.None)
                || !await db
                    .Database.SqlQuery<Guid>($"""select id as "Value" from sessions where id = {session}""")
                    .AnyAsync()
            )
            {
                return LinkEnded;
            }

            var support = user.SupportSince is not null;
            if (!SignInMethods.HasSecondFactor(method, support) && (support || await DemandsSecondFactorAsync(userId)))
            {
                return NeedsSecondFactor;
            }

            if (await terms.AreToBeAcceptedByAsync(userId, CancellationToken.None))
            {
                return NeedsTerms;
            }

            var begun = await db
                .AuditEvents.Where(e => e.UserId == userId && e.Kind == Event.KindOf<RegistrationStarted>())
                .OrderByDescending(e => e.At)
                .Select(e => e.OrganisationId)
                .FirstOrDefaultAsync();
            await signIns.SignInAsync(user, method, now, linkOf: begun);
            return Result.Done;
        });

    private Task<bool> DemandsSecondFactorAsync(Guid userId) =>
        (
            from m in db.Memberships
            where m.UserId == userId && m.RemovedAt == null && m.PausedAt == null
            join o in db.Organisations on m.OrganisationId equals o.Id
            select o.SecondFactorRequired
        ).AnyAsync(required => required);

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
            from m in db
                .Memberships.Where(m => m.OrganisationId == i.OrganisationId && m.Id == i.MembershipId)
                .DefaultIfEmpty()
            select new { Invitation = i, Paused = m!.PausedAt }
        )
            .AsNoTracking()
            .ToListAsync(cancellation);
        return user.PausedAt is null && links.Any(l => l.Paused is null && l.Invitation.State(now) == LinkState.Live);
    }

    /// <summary>A name that changes takes the organisations' locks first, like every write to their people.</summary>
    private async Task<User> LockAsync(Guid id)
    {
        await db.LockOrganisationsOfAsync(id);
        return await db.Users.FromSql($"select * from users where id = {id} for update").SingleAsync();
    }
}
