using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What somebody may do in one organisation when their two records are one.</summary>
/// <param name="Brought">The membership of the record that is given up; null where only the kept one belongs.</param>
/// <param name="Held">The membership of the kept record; null where only the other one belongs.</param>
/// <param name="Role">The higher of the two.</param>
/// <param name="Areas">Of both together; none: all of the organisation.</param>
internal sealed record MergedMembership(
    Organisation Organisation,
    Membership? Brought,
    Membership? Held,
    string Role,
    IReadOnlyList<ServiceArea> Areas
)
{
    public bool Paused => (Held ?? Brought)!.PausedAt is not null;
}

/// <summary>What merging two records will do: what the page shows is what happens.</summary>
/// <param name="Refusal">Why it cannot be done, or null.</param>
internal sealed record MergePlan(User Kept, User Gone, IReadOnlyList<MergedMembership> Memberships, Refusal? Refusal)
{
    /// <summary>The organisations whose invitation goes out once more, to the address that is kept.</summary>
    public IEnumerable<MergedMembership> InvitedAgain =>
        Memberships.Where(m => Kept.RegisteredAt is null && m is { Held: null, Paused: false });

    /// <summary>The kept record has no name, and takes the other's.</summary>
    public bool TakesName =>
        Kept is { FirstName: null, LastName: null } && (Gone.FirstName ?? Gone.LastName) is not null;

    /// <summary>Stands for everything that was shown, so that nothing else is done.</summary>
    public string Seen =>
        Convert.ToHexString(
            SHA256.HashData(
                JsonSerializer.SerializeToUtf8Bytes(
                    new
                    {
                        users = new[] { Kept, Gone }.Select(u => new
                        {
                            u.Id,
                            u.Email,
                            u.FirstName,
                            u.LastName,
                            Registered = u.RegisteredAt is not null,
                        }),
                        memberships = Memberships.Select(m => new
                        {
                            m.Organisation.Id,
                            Brought = m.Brought?.Id,
                            Held = m.Held?.Id,
                            m.Role,
                            m.Paused,
                            Areas = m.Areas.Select(a => a.Id),
                        }),
                    }
                )
            )
        );
}

/// <summary>Makes one record of two that are of one person, for support. Nothing that either could use is lost, and nothing is gained that neither could.</summary>
internal sealed class MergeUsers(Db db, Invitations invitations, AuditLog audit, IOptions<RollcallOptions> options)
{
    public static readonly Refusal GivenUp = new(null, "This record has been merged with another one");
    public static readonly Refusal Changed = new(
        null,
        "Something has changed since you opened this page. Check what will happen again"
    );

    /// <returns>Null: there is no such record.</returns>
    public async Task<MergePlan?> PlanAsync(Guid kept, Guid gone, CancellationToken cancellation)
    {
        var users = await db
            .Users.AsNoTracking()
            .Where(u => u.Id == kept || u.Id == gone)
            .ToDictionaryAsync(u => u.Id, cancellation);
        if (kept == gone || users.Count < 2)
        {
            return null;
        }

        var found = await (
            from m in db.Memberships
            where (m.UserId == kept || m.UserId == gone) && m.RemovedAt == null
            join o in db.Organisations on m.OrganisationId equals o.Id
            orderby o.Name, o.Id
            select new
            {
                Membership = m,
                Organisation = o,
                Areas = (
                    from g in db.AccessGrants
                    where g.MembershipId == m.Id
                    join a in db.ServiceAreas on g.ServiceAreaId equals a.Id
                    orderby a.Name, a.Id
                    select a
                ).ToList(),
            }
        )
            .AsNoTracking()
            .ToListAsync(cancellation);
        var roles = Roles.Of(options.Value);
        var memberships = found
            .GroupBy(m => m.Organisation.Id)
            .Select(here =>
            {
                var (held, brought) = (
                    here.SingleOrDefault(m => m.Membership.UserId == kept),
                    here.SingleOrDefault(m => m.Membership.UserId == gone)
                );
                return new MergedMembership(
                    here.First().Organisation,
                    brought?.Membership,
                    held?.Membership,
                    here.Select(m => m.Membership.Role)
                        .Aggregate((one, other) => roles.IsAbove(other, one) ? other : one),
                    here.Any(m => m.Areas.Count == 0)
                        ? []
                        :
                        [
                            .. here.SelectMany(m => m.Areas)
                                .DistinctBy(a => a.Id)
                                .OrderBy(a => a.Name, StringComparer.Ordinal),
                        ]
                );
            })
            .ToList();
        return new(users[kept], users[gone], memberships, Refuse(users[kept], users[gone], memberships));
    }

    private static Refusal? Refuse(User kept, User gone, IReadOnlyList<MergedMembership> memberships)
    {
        if ((kept.MergedInto ?? gone.MergedInto) is not null)
        {
            return GivenUp;
        }

        if ((kept.SupportSince ?? gone.SupportSince) is not null)
        {
            return new(null, "A support user’s record cannot be merged. Remove them from the support users first");
        }

        if ((kept.PausedAt ?? gone.PausedAt) is not null)
        {
            return new(null, "One of the accounts is paused. Resume it first");
        }

        if (
            memberships.FirstOrDefault(m =>
                m is { Held: { } held, Brought: { } brought } && held.PausedAt is null != brought.PausedAt is null
            ) is
            { } half
        )
        {
            return new(
                null,
                $"They are paused at {half.Organisation.Name} with one of the records only. Resume or remove them there first"
            );
        }

        return kept.RegisteredAt is null && gone.RegisteredAt is not null
            ? new(null, $"No one has ever signed in with {kept.Email}. Keep the other record")
            : null;
    }

    /// <summary>In a transaction of its own. Once more changes nothing.</summary>
    /// <param name="seen"><see cref="MergePlan.Seen"/> of what was shown.</param>
    /// <param name="howChecked">How support made sure that both are the same person: kept with the record.</param>
    /// <returns>The record that is kept; or why not.</returns>
    public async Task<(User? Merged, Refusal? Refusal)> MergeAsync(
        Viewer by,
        Guid keptId,
        Guid goneId,
        string seen,
        string howChecked,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            select from organisations where id in (select organisation_id from memberships where user_id in ({keptId}, {goneId})) order by id for no key update
            """,
            cancellation
        );
        var users = await db
            .Users.FromSql($"select * from users where id in ({keptId}, {goneId}) order by id for update")
            .ToDictionaryAsync(u => u.Id, cancellation);
        var (kept, gone) = (users[keptId], users[goneId]);
        if (gone.MergedInto == keptId)
        {
            return (kept, null);
        }

        if (await PlanAsync(keptId, goneId, cancellation) is not { Refusal: null } plan)
        {
            return (null, GivenUp);
        }

        if (plan.Seen != seen)
        {
            return (null, Changed);
        }

        // What was sent to the old address ends before anything is sent to the other one.
        foreach (var membership in plan.Memberships.Where(m => m.Brought is not null))
        {
            await Outbox.SupersedeAdditionsAsync(db, membership.Brought!.Id, Endings.Newer, now, cancellation);
            await invitations.WithdrawAsync(membership.Brought.Id, goneId, now, cancellation);
            await JoinAsync(by, membership, kept, gone, now, cancellation);
        }
        var (goneEmail, keptEmail) = (gone.Email, kept.Email);
        await EndAsync(gone, keptId, now, cancellation);
        if (plan.TakesName)
        {
            (kept.FirstName, kept.LastName) = (gone.FirstName, gone.LastName);
        }

        kept.LastSignedInAt = new[] { kept.LastSignedInAt, gone.LastSignedInAt }.Max();
        audit.Add(
            AuditKinds.Merged,
            by,
            now,
            null,
            keptId,
            new
            {
                kept = keptEmail,
                gone = goneEmail,
                howChecked,
            }
        );
        Outbox.Enqueue(
            db,
            goneEmail,
            new Merged(EmailAddress.Mask(keptEmail), Kept: false)
            {
                FirstName = gone.FirstName,
                LastName = gone.LastName,
            },
            null,
            now,
            by.UserId
        );
        if (kept.RegisteredAt is not null)
        {
            Outbox.Enqueue(
                db,
                keptEmail,
                new Merged(EmailAddress.Mask(goneEmail), Kept: true)
                {
                    FirstName = kept.FirstName,
                    LastName = kept.LastName,
                },
                null,
                now,
                by.UserId
            );
        }

        await db.SaveChangesAsync(cancellation);
        foreach (var membership in plan.InvitedAgain)
        {
            await invitations.InviteAsync(
                kept,
                membership.Organisation,
                membership.Brought!,
                membership.Brought!.AddedBy,
                now,
                cancellation,
                by.UserId
            );
        }

        await transaction.CommitAsync(cancellation);
        return (kept, null);
    }

    /// <summary>The membership goes to the kept record; or what it allowed is added to the one that is there.</summary>
    private async Task JoinAsync(
        Viewer by,
        MergedMembership merged,
        User kept,
        User gone,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var brought = merged.Brought!;
        if (merged.Held is not { } held)
        {
            await db
                .Memberships.Where(m => m.Id == brought.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.UserId, kept.Id), cancellation);
        }
        else
        {
            await db
                .Memberships.Where(m => m.Id == brought.Id)
                .ExecuteUpdateAsync(
                    m => m.SetProperty(x => x.RemovedAt, now).SetProperty(x => x.RemovedBy, by.UserId),
                    cancellation
                );
            if (held.Role != merged.Role)
            {
                await db
                    .Memberships.Where(m => m.Id == held.Id)
                    .ExecuteUpdateAsync(
                        m => m.SetProperty(x => x.Role, merged.Role).SetProperty(x => x.AccessBy, by.UserId),
                        cancellation
                    );
            }

            await db.AccessGrants.Where(g => g.MembershipId == held.Id).ExecuteDeleteAsync(cancellation);
            db.AddRange(
                merged.Areas.Select(area => new AccessGrant { MembershipId = held.Id, ServiceAreaId = area.Id })
            );
        }
        audit.Add(
            AuditKinds.Merged,
            by,
            now,
            merged.Organisation.Id,
            kept.Id,
            new
            {
                gone = gone.Email,
                role = merged.Role,
                howChecked = (string?)null,
            }
        );
    }

    /// <summary>Nobody signs in with this record any more, no search finds it and its address is free; what names it in a history still does.</summary>
    private async Task EndAsync(User gone, Guid kept, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (
            var table in (string[])
                ["sessions", "pending_sign_ins", "authenticators", "passkeys", "recovery_codes", "sign_in_identities"]
        )
        {
#pragma warning disable EF1002 // the names stand above
            await db.Database.ExecuteSqlRawAsync($"delete from {table} where user_id = {{0}}", [gone.Id], cancellation);
        }
#pragma warning restore EF1002
        await db.EndMailedLinksAsync(gone.Id, now, cancellation);
        await db
            .Users.Where(u => u.MergedInto == gone.Id)
            .ExecuteUpdateAsync(u => u.SetProperty(x => x.MergedInto, kept), cancellation);
        (gone.MergedInto, gone.MergedAt, gone.EmailKey) = (kept, now, $"merged {gone.Id}"); // no address has a space
        (
            gone.PasswordHash,
            gone.PasswordSetAt,
            gone.PasswordResetAt,
            gone.Mobile,
            gone.MobileConfirmedAt,
            gone.EmailCodes
        ) = (null, null, null, null, null, false);
    }
}
