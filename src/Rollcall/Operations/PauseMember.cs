using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Stops somebody from using one organisation, or everything, until it is taken back. Nothing else changes: role, history and links stay, and every
/// session loses what was paused at its next request, because rights are read at every request.
/// </summary>
internal sealed class PauseMember(Db db, MemberPolicy policy, AuditLog audit)
{
    public static readonly Refusal Yourself = new(null, "You cannot pause yourself");

    /// <summary>Pauses the person in this organisation; again changes nothing.</summary>
    /// <param name="reason">In words, for the history; null for none.</param>
    /// <returns>Whether this call paused them; or why not.</returns>
    public async Task<(bool Paused, Refusal? Refusal)> PauseAsync(
        Viewer by,
        Guid organisation,
        Guid userId,
        string? reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (by.Is(userId))
        {
            return (false, Yourself);
        }

        return await SetAsync(by, organisation, userId, now, AuditKinds.Paused, new { reason }, now, cancellation);
    }

    /// <summary>Takes it back; again changes nothing. Somebody who never registered is Pending or Expired by the clock, as if nothing had been.</summary>
    public Task<(bool Resumed, Refusal? Refusal)> ResumeAsync(
        Viewer by,
        Guid organisation,
        Guid userId,
        DateTimeOffset now,
        CancellationToken cancellation
    ) => SetAsync(by, organisation, userId, null, AuditKinds.Resumed, null, now, cancellation);

    /// <summary>Pauses the whole account, or takes it back: support only. Sessions and links that were mailed end with a pause.</summary>
    /// <returns>Whether this call changed anything; or why not.</returns>
    public async Task<(bool Changed, Refusal? Refusal)> SetAccountAsync(
        Viewer by,
        Guid userId,
        bool paused,
        string? reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (by.Is(userId))
        {
            return (false, Yourself);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockOrganisationsOfAsync(userId, cancellation);
        // Both rows, always in the same order: of two support users who pause each other, the second sees what the first one did.
        var people = await db
            .Users.FromSql($"select * from users where id in ({by.UserId}, {userId}) order by id for update")
            .ToDictionaryAsync(u => u.Id, cancellation);
        if (
            people.GetValueOrDefault(by.UserId)
            is not { SupportSince: not null, PausedAt: null, RegisteredAt: not null }
        )
        {
            return (false, SupportTeam.NoLonger);
        }

        var user = people[userId];
        if (user.MergedInto is not null)
        {
            return (false, MergeUsers.GivenUp);
        }

        if (user.PausedAt is not null == paused)
        {
            return (false, null);
        }

        user.PausedAt = paused ? now : null;
        if (paused)
        {
            await db.Database.ExecuteSqlAsync($"delete from sessions where user_id = {userId}", cancellation);
            await db.Database.ExecuteSqlAsync($"delete from pending_sign_ins where user_id = {userId}", cancellation);
            await db.EndMailedLinksAsync(userId, now, cancellation);
        }
        audit.Add(paused ? AuditKinds.AccountPaused : AuditKinds.AccountResumed, by, now, null, userId, new { reason });
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (true, null);
    }

    private async Task<(bool Changed, Refusal? Refusal)> SetAsync(
        Viewer by,
        Guid organisation,
        Guid userId,
        DateTimeOffset? pausedAt,
        string kind,
        object? facts,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        await db.Database.ExecuteSqlAsync($"select from users where id = {userId} for share", cancellation);
        var membership = await db.Memberships.SingleOrDefaultAsync(
            m => m.OrganisationId == organisation && m.UserId == userId && m.RemovedAt == null,
            cancellation
        );
        if (membership is null || membership.PausedAt is null == pausedAt is null)
        {
            return (false, null);
        }

        if (await policy.RefuseAsync(by, membership, cancellation) is { } refusal)
        {
            return (false, refusal);
        }

        membership.PausedAt = pausedAt;
        audit.Add(kind, by, now, organisation, userId, facts);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (true, null);
    }
}
