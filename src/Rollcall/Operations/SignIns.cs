using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What signing in changes, whichever way it was done. The cookie is the door's business.</summary>
internal sealed class SignIns(
    Db db,
    Invitations invitations,
    ChangeAccess changeAccess,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    /// <summary>Why this person cannot sign in, or null.</summary>
    public static Refusal? Refuse(User user) => user.PausedAt is null ? null : new(null, "Your account is paused");

    /// <summary>Whether one of the ways in that the person's organisations allow is this one: "password" or a provider's key.</summary>
    public async Task<bool> IsAllowedAsync(User user, string way, CancellationToken cancellation)
    {
        var organisations = await (
            from m in db.Memberships
            where m.UserId == user.Id && m.RemovedAt == null && m.PausedAt == null
            join o in db.Organisations on m.OrganisationId equals o.Id
            select o.SignInMethods
        ).ToListAsync(cancellation);
        return user.SupportSince is not null
            || organisations.Count == 0
            || organisations.Any(ways => ways is null || ways.Contains(way));
    }

    /// <summary>Records it, in the caller's transaction or in its own. Somebody who signs in for the first time through a provider is registered by it.</summary>
    /// <param name="method">One of <see cref="SignInMethods"/>.</param>
    /// <param name="linkOf">
    /// The organisation whose link they register by: they come to it at once, and to the others when they open them.
    /// </param>
    public async Task SignInAsync(
        User user,
        string method,
        DateTimeOffset now,
        CancellationToken cancellation,
        Guid? linkOf = null
    )
    {
        var viewer = new Viewer(user.Id, user.DisplayName, user.Email, user.SupportSince is not null, []);
        await using var transaction = db.Database.CurrentTransaction is null
            ? await db.Database.BeginTransactionAsync(cancellation)
            : null;
        if (
            await db
                .Users.Where(u => u.Id == user.Id && u.RegisteredAt == null)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, now), cancellation) == 1
        )
        {
            if (linkOf is { } organisation)
            {
                await ShowAsync(user.Id, organisation, cancellation);
            }

            await invitations.AcceptAllAsync(user.Id, now, cancellation);
            var memberships = await db
                .Memberships.Where(m => m.UserId == user.Id && m.RemovedAt == null && !m.Awaited)
                .ToListAsync(cancellation);
            await changeAccess.CheckAgainAsync(memberships, now, cancellation);
            audit.Add(AuditKinds.Registered, viewer, now, null, user.Id, new { method });
            if (method != SignInMethods.Development)
            {
                Outbox.Enqueue(db, user.Email, await WelcomeAsync(user, cancellation), null, now);
            }
        }
        await db
            .Users.Where(u => u.Id == user.Id)
            .ExecuteUpdateAsync(
                u =>
                    u.SetProperty(x => x.LastSignedInAt, now)
                        .SetProperty(x => x.PasswordResetAt, (DateTimeOffset?)null),
                cancellation
            );
        audit.Add(AuditKinds.SignedIn, viewer, now, null, user.Id, new { method });
        await db.SaveChangesAsync(cancellation);
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellation);
        }
    }

    /// <summary>
    /// Someone who is signed in opens an organisation that they were added to since: as with a first sign-in, what they
    /// were given is looked at again, and the organisation sees who they are. In a transaction of its own.
    /// </summary>
    public async Task ComeAsync(Guid userId, Guid organisation, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        if (await ShowAsync(userId, organisation, cancellation) == 0)
        {
            return;
        }

        var memberships = await db
            .Memberships.Where(m => m.UserId == userId && m.OrganisationId == organisation && m.RemovedAt == null)
            .ToListAsync(cancellation);
        await changeAccess.CheckAgainAsync(memberships, now, cancellation);
        await invitations.AcceptAsync([.. memberships.Select(m => m.Id)], now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>From now on the organisation sees who they are. No one comes to where they are paused.</summary>
    private Task<int> ShowAsync(Guid userId, Guid organisation, CancellationToken cancellation) =>
        db
            .Memberships.Where(m =>
                m.UserId == userId
                && m.OrganisationId == organisation
                && m.Awaited
                && m.RemovedAt == null
                && m.PausedAt == null
            )
            .ExecuteUpdateAsync(
                m =>
                    m.SetProperty(x => x.Awaited, false)
                        .SetProperty(x => x.TypedFirstName, (string?)null)
                        .SetProperty(x => x.TypedLastName, (string?)null)
                        .SetProperty(x => x.TypedEmail, (string?)null),
                cancellation
            );

    private async Task<Welcome> WelcomeAsync(User user, CancellationToken cancellation)
    {
        var organisations = await (
            from m in db.Memberships
            where m.UserId == user.Id && m.RemovedAt == null && m.PausedAt == null
            join o in db.Organisations on m.OrganisationId equals o.Id
            orderby o.Name
            select new { o.Name, o.SignInMethods }
        ).ToListAsync(cancellation);
        // Any way that one of them allows; see IsAllowedAsync.
        var anyWay =
            user.SupportSince is not null
            || organisations.Count == 0
            || organisations.Exists(o => o.SignInMethods is null);
        var ways = anyWay ? null : organisations.SelectMany(o => o.SignInMethods!).ToArray();
        var names = organisations.Count == 0 ? null : Sentence.And([.. organisations.Select(o => o.Name)]);
        return new(names)
        {
            FirstName = user.FirstName,
            LastName = user.LastName,
            SignsInWith = options.Value.SignIn.OnlyProviders(ways),
        };
    }
}
