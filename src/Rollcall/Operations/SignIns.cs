using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Records sign-ins of every kind. The session itself is begun by Web/Session.cs.</summary>
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

    /// <summary>Whether one of the person's organisations allows this way to sign in.</summary>
    /// <param name="way">"password" or a provider's key.</param>
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

    /// <summary>
    /// Records a sign-in. A person who first signs in through a provider, or completes their account, is registered by
    /// it.
    /// </summary>
    /// <param name="method">One of <see cref="SignInMethods"/>.</param>
    /// <param name="linkOf">
    /// The organisation whose link they register by. They join it at once, and the others when they open them.
    /// </param>
    public Task<Result> SignInAsync(User user, string method, DateTimeOffset now, Guid? linkOf = null) =>
        db.InTransactionAsync(async () =>
        {
            var actor = new Actor(Viewer.Of(user), now);
            var registered = await db
                .Users.Where(u => u.Id == user.Id && u.RegisteredAt == null)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, now));
            if (registered == 1)
            {
                await RegisterAsync(actor, user, method, linkOf);
            }

            await db
                .Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u =>
                    u.SetProperty(x => x.LastSignedInAt, now).SetProperty(x => x.PasswordResetAt, (DateTimeOffset?)null)
                );
            audit.Add(actor, new UserSignedIn(method), user: user.Id);
            return Result.Done;
        });

    private async Task RegisterAsync(Actor actor, User user, string method, Guid? linkOf)
    {
        if (linkOf is { } organisationId)
        {
            await ShowAsync(user.Id, organisationId);
        }

        await invitations.AcceptAllAsync(user.Id, actor.Now);
        var memberships = await db
            .Memberships.Where(m => m.UserId == user.Id && m.RemovedAt == null && !m.Awaited)
            .ToListAsync();
        await changeAccess.CheckAgainAsync(memberships, actor.Now);
        audit.Add(actor, new Registered(method), user: user.Id);
        if (method != SignInMethods.Development)
        {
            Outbox.Enqueue(db, user, await WelcomeAsync(user), actor.Now);
        }
    }

    /// <summary>
    /// A person who is signed in opens an organisation that they have been added to since. As with a first sign-in,
    /// their access is checked again, and the organisation sees who they are.
    /// </summary>
    public Task<Result> JoinAsync(Actor actor, Guid organisationId) =>
        db.InTransactionAsync(async () =>
        {
            var userId = actor.UserId!.Value;
            await db.LockAsync(organisationId);
            if (await ShowAsync(userId, organisationId) == 0)
            {
                return Result.Unchanged;
            }

            var memberships = await db
                .Memberships.Where(m => m.UserId == userId && m.OrganisationId == organisationId && m.RemovedAt == null)
                .ToListAsync();
            await changeAccess.CheckAgainAsync(memberships, actor.Now);
            var ids = memberships.Select(m => m.Id).ToList();
            await invitations.AcceptAsync(organisationId, ids, actor.Now);
            return Result.Done;
        });

    /// <summary>From now on the organisation sees who they are. No one joins where they are paused.</summary>
    private Task<int> ShowAsync(Guid userId, Guid organisation) =>
        db
            .Memberships.Where(m =>
                m.UserId == userId
                && m.OrganisationId == organisation
                && m.Awaited
                && m.RemovedAt == null
                && m.PausedAt == null
            )
            .ExecuteUpdateAsync(m =>
                m.SetProperty(x => x.Awaited, false)
                    .SetProperty(x => x.TypedFirstName, (string?)null)
                    .SetProperty(x => x.TypedLastName, (string?)null)
                    .SetProperty(x => x.TypedEmail, (string?)null)
            );

    private async Task<Welcome> WelcomeAsync(User user)
    {
        var organisations = await (
            from m in db.Memberships
            where m.UserId == user.Id && m.RemovedAt == null && m.PausedAt == null
            join o in db.Organisations on m.OrganisationId equals o.Id
            orderby o.Name
            select new { o.Name, o.SignInMethods }
        ).ToListAsync();
        // Every way that one of them allows: see IsAllowedAsync.
        var anyWay =
            user.SupportSince is not null
            || organisations.Count == 0
            || organisations.Exists(o => o.SignInMethods is null);
        var ways = anyWay ? null : organisations.SelectMany(o => o.SignInMethods!).ToArray();
        var names = organisations.Count == 0 ? null : Sentence.And([.. organisations.Select(o => o.Name)]);
        return new(names) { SignsInWith = options.Value.SignIn.OnlyProviders(ways) };
    }
}
