using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>
/// Suspends one membership, or a whole account, until someone resumes it. Role, history and links stay. Rights are read
/// at every request, so a session loses what was paused at its next one.
/// </summary>
internal sealed class PauseMember(Db db, MemberPolicy policy, AuditLog audit)
{
    public static readonly Refusal Yourself = new(null, "You cannot pause yourself");

    /// <param name="reason">The admin's words, shown in the person's history; null for none.</param>
    public async Task<Result> PauseAsync(Actor actor, Guid organisationId, Guid userId, string? reason) =>
        actor.Is(userId) ? Yourself : await SetAsync(actor, organisationId, userId, paused: true, reason);

    /// <summary>Gives access back. An invitation that expired in the meantime stays expired.</summary>
    public Task<Result> ResumeAsync(Actor actor, Guid organisationId, Guid userId) =>
        SetAsync(actor, organisationId, userId, paused: false, reason: null);

    /// <summary>
    /// For support only: pauses or resumes the whole account. A pause ends its sessions and mailed links.
    /// </summary>
    /// <param name="reason">As for <see cref="PauseAsync"/>.</param>
    public async Task<Result> SetAccountAsync(Actor actor, Guid userId, bool paused, string? reason) =>
        actor.Is(userId)
            ? Yourself
            : await db.InTransactionAsync(async () =>
            {
                await db.LockOrganisationsOfAsync(userId);
                // Both rows, in one order: of two support users who pause each other, the second sees the first's
                // pause.
                var people = await db
                    .Users.FromSql($"select * from users where id in ({actor.UserId}, {userId}) order by id for update")
                    .ToDictionaryAsync(u => u.Id);
                var support = people.GetValueOrDefault(actor.UserId!.Value);
                if (support is not { SupportSince: not null, PausedAt: null, RegisteredAt: not null })
                {
                    return SupportTeam.NoLonger;
                }

                var user = people[userId];
                if (user.MergedInto is not null)
                {
                    return MergeUsers.GivenUp;
                }

                if (user.PausedAt.HasValue == paused)
                {
                    return Result.Unchanged;
                }

                user.PausedAt = paused ? actor.Now : null;
                if (paused)
                {
                    await db.EndSessionsAsync(userId);
                    await db.EndMailedLinksAsync(userId, actor.Now);
                }

                audit.Add(actor, paused ? new AccountPaused(reason) : new AccountResumed(), user: userId);
                return Result.Done;
            });

    private Task<Result> SetAsync(Actor actor, Guid organisationId, Guid userId, bool paused, string? reason) =>
        db.InTransactionAsync(async () =>
        {
            var member = await db.LockMemberAsync(organisationId, userId);
            if (member is null || member.PausedAt.HasValue == paused)
            {
                return Result.Unchanged;
            }

            if (await policy.RefuseAsync(actor, member) is { } refusal)
            {
                return refusal;
            }

            member.PausedAt = paused ? actor.Now : null;
            audit.Add(actor, paused ? new MemberPaused(reason) : new MemberResumed(), organisationId, userId);
            return Result.Done;
        });
}
