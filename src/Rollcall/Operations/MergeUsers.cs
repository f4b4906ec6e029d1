using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Merges two records of one person, for support. The person keeps all that either record could use, and gains nothing
/// that neither could.
/// </summary>
internal sealed partial class MergeUsers(
    Db db,
    Invitations invitations,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    public static readonly Refusal GivenUp = new(null, "This record has been merged with another one");
    public static readonly Refusal Changed = new(
        "",
        "Something has changed since you opened this page. Check what will happen again"
    );

    /// <summary>What ends with a record that is given up.</summary>
    private static readonly string[] SignInTables =
    [
        "sessions",
        "pending_sign_ins",
        "authenticators",
        "passkeys",
        "recovery_codes",
        "sign_in_identities",
    ];

    /// <param name="seen"><see cref="MergePlan.Seen"/> of what the page showed.</param>
    /// <param name="howChecked">How support made sure that both are the same person: kept in the history.</param>
    /// <returns>The record that is kept, also when this was done before.</returns>
    public Task<Result<User>> MergeAsync(Actor actor, Guid keptId, Guid goneId, string seen, string howChecked) =>
        db.InTransactionAsync<Result<User>>(async () =>
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                select from organisations
                where id in (select organisation_id from memberships where user_id in ({keptId}, {goneId}))
                order by id for no key update
                """
            );
            var users = await db
                .Users.FromSql($"select * from users where id in ({keptId}, {goneId}) order by id for update")
                .ToDictionaryAsync(u => u.Id);
            var kept = users[keptId];
            var gone = users[goneId];
            if (gone.MergedInto == keptId)
            {
                return kept;
            }

            if (await PlanAsync(keptId, goneId) is not { Refusal: null } plan)
            {
                return GivenUp;
            }

            if (plan.Seen != seen)
            {
                return Changed;
            }

            // What was sent to the old address ends before anything is sent to the other one.
            foreach (var membership in plan.Memberships.Where(m => m.Brought is not null))
            {
                await Outbox.SupersedeAdditionsAsync(db, [membership.Brought!.Id], Endings.Newer, actor.Now);
                await invitations.WithdrawAsync(membership.Brought, goneId, actor.Now);
                await JoinAsync(actor, membership, kept, gone);
            }

            await EndAsync(gone, keptId, actor.Now);
            if (plan.TakesName)
            {
                kept.FirstName = gone.FirstName;
                kept.LastName = gone.LastName;
            }

            kept.LastSignedInAt = new[] { kept.LastSignedInAt, gone.LastSignedInAt }.Max();
            audit.Add(actor, new RecordsMerged(gone.Email, howChecked, Kept: kept.Email), user: keptId);
            Tell(actor, kept, gone);
            await db.SaveChangesAsync();
            foreach (var membership in plan.InvitedAgain)
            {
                var brought = membership.Brought!;
                await invitations.InviteAsync(
                    kept,
                    membership.Organisation,
                    brought,
                    brought.AddedBy,
                    actor.Now,
                    causedBy: actor.UserId
                );
            }

            return kept;
        });

    private void Tell(Actor actor, User kept, User gone)
    {
        var toGone = new Merged(EmailAddress.Mask(kept.Email), Kept: false);
        Outbox.Enqueue(db, gone, toGone, actor.Now, causedBy: actor.UserId);
        if (kept.RegisteredAt is not null)
        {
            var toKept = new Merged(EmailAddress.Mask(gone.Email), Kept: true);
            Outbox.Enqueue(db, kept, toKept, actor.Now, causedBy: actor.UserId);
        }
    }

    /// <summary>
    /// The membership goes to the kept record. Where that has one too, what the other allowed is added to it.
    /// </summary>
    private async Task JoinAsync(Actor actor, MergedMembership merged, User kept, User gone)
    {
        var brought = merged.Brought!;
        if (merged.Held is not { } held)
        {
            await db
                .Memberships.Where(m => m.OrganisationId == brought.OrganisationId && m.Id == brought.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.UserId, kept.Id));
        }
        else
        {
            await db
                .Memberships.Where(m => m.OrganisationId == brought.OrganisationId && m.Id == brought.Id)
                .ExecuteUpdateAsync(m =>
                    m.SetProperty(x => x.RemovedAt, actor.Now).SetProperty(x => x.RemovedBy, actor.UserId)
                );
            if (held.Role != merged.Role)
            {
                await db
                    .Memberships.Where(m => m.OrganisationId == held.OrganisationId && m.Id == held.Id)
                    .ExecuteUpdateAsync(m =>
                        m.SetProperty(x => x.Role, merged.Role).SetProperty(x => x.AccessBy, actor.UserId)
                    );
            }

            await db
                .AccessGrants.Where(g => g.OrganisationId == held.OrganisationId && g.MembershipId == held.Id)
                .ExecuteDeleteAsync();
            db.AddRange(held.Grants(merged.Areas.Select(area => area.Id)));
        }

        var recorded = new RecordsMerged(gone.Email, HowChecked: null, Role: merged.Role);
        audit.Add(actor, recorded, merged.Organisation.Id, kept.Id);
    }

    /// <summary>
    /// No one signs in with this record from now on, no search finds it, and its address is free. Histories still name
    /// it.
    /// </summary>
    private async Task EndAsync(User gone, Guid kept, DateTimeOffset now)
    {
        foreach (var table in SignInTables)
        {
#pragma warning disable EF1002 // the names are constants
            await db.Database.ExecuteSqlRawAsync($"delete from {table} where user_id = {{0}}", gone.Id);
#pragma warning restore EF1002
        }

        await db.EndMailedLinksAsync(gone.Id, now);
        await db
            .Users.Where(u => u.MergedInto == gone.Id)
            .ExecuteUpdateAsync(u => u.SetProperty(x => x.MergedInto, kept));
        gone.MergedInto = kept;
        gone.MergedAt = now;
        gone.EmailKey = $"merged {gone.Id}"; // no address has a space
        gone.PasswordHash = null;
        gone.PasswordSetAt = null;
        gone.PasswordResetAt = null;
        gone.Mobile = null;
        gone.MobileConfirmedAt = null;
        gone.EmailCodes = false;
    }
}
