using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Adds and invites everyone on a list in one transaction, and writes down what became of each line. The number of
/// statements does not grow with the list.
/// </summary>
internal sealed class BulkInvitations(Db db, ChangeAccess changeAccess, BulkSending sending, AuditLog audit)
{
    /// <summary>Invites the list.</summary>
    /// <returns>Unchanged when it was confirmed before.</returns>
    public Task<Result> ConfirmAsync(Actor actor, Organisation organisation, Guid listId) =>
        db.InTransactionAsync<Result>(async () =>
        {
            await db.LockAsync(organisation.Id);
            var list = await db
                .InvitationLists.FromSql(
                    $"""
                    select * from invitation_lists
                    where organisation_id = {organisation.Id} and id = {listId} for update
                    """
                )
                .SingleAsync();
            if (list.ConfirmedAt is not null)
            {
                return Result.Unchanged;
            }

            var lines = await db
                .InvitationLines.AsNoTracking()
                .Where(l => l.OrganisationId == organisation.Id && l.ListId == listId && l.EmailKey != null)
                .OrderBy(l => l.EmailKey)
                .ToListAsync();
            var offer = await changeAccess.OfferAsync(actor.Viewer!, organisation.Id);
            if (lines.Exists(l => offer.Choose(l.Role ?? list.Role, l.ServiceAreas ?? list.ServiceAreas) is null))
            {
                return ChangeAccess.NoLonger;
            }

            if (await sending.RefuseAsync(actor, organisation, lines.Count) is { } refusal)
            {
                return refusal;
            }

            var people = await PeopleAsync(actor, list, lines);
            var full = await LeaveOutFullMailboxesAsync(actor, people);
            var joined = await JoinAsync(actor, list, people);
            var newcomers = joined.Where(j => j.Awaited || j.User is { RegisteredAt: null, PausedAt: null }).ToList();
            await sending.InviteAsync(actor, organisation, newcomers);
            await sending.TellAsync(actor, organisation, joined);
            await sending.RecordAsync(
                actor,
                organisation,
                joined,
                one => new MemberAdded(one.Line!.Email, one.Role, List: one.Line.ListId)
            );
            await RecordOutcomesAsync(list, lines, joined, full);
            list.ConfirmedAt = actor.Now;
            list.Typed = null;
            audit.Add(actor, new ListInvited(Batch: list.Id, Added: joined.Count, Of: lines.Count), organisation.Id);
            return Result.Done;
        });

    /// <summary>
    /// Each person's row, made where there was none, and locked, as their memberships will refer to it.
    /// </summary>
    private async Task<List<BulkInvitee>> PeopleAsync(Actor actor, InvitationList list, List<InvitationLine> lines)
    {
        // In the order of the addresses, so that two lists that share people do not deadlock.
        var keys = lines.Select(l => l.EmailKey!).ToArray();
        var emails = lines.Select(l => l.Email!).ToArray();
        var firstNames = lines.Select(l => l.FirstName).ToArray();
        var lastNames = lines.Select(l => l.LastName).ToArray();
        var made = new HashSet<Guid>();
        Dictionary<string, User> users;
        do // once, unless a person gives their address up between the two statements
        {
            var ids = lines.Select(_ => Guid.NewGuid()).ToArray();
            var inserted = await db
                .Database.SqlQuery<Guid>(
                    $"""
                    insert into users (id, email, email_key, first_name, last_name, created_at)
                    select w.*, {actor.Now} from unnest({ids}, {emails}, {keys}, {firstNames}, {lastNames}) as w
                    on conflict (email_key) do nothing
                    returning id
                    """
                )
                .ToListAsync();
            made.UnionWith(inserted);
            users = await db
                .Users.FromSql(
                    $"select * from users where email_key = any({keys}) order by email_key for no key update"
                )
                .AsNoTracking()
                .ToDictionaryAsync(u => u.EmailKey, StringComparer.Ordinal);
        } while (!keys.All(users.ContainsKey));

        return lines.ConvertAll(line => InviteeOf(actor, list, line, users[line.EmailKey!], made));
    }

    /// <summary>
    /// Leaves out people whose mailbox has no room today, behind the locks on their rows. A row that was just made for
    /// one of them goes again: it belongs to no organisation.
    /// </summary>
    /// <returns>The addresses.</returns>
    private async Task<HashSet<string>> LeaveOutFullMailboxesAsync(Actor actor, List<BulkInvitee> people)
    {
        var mailboxes = people.Where(p => p.User.PausedAt is null || !actor.IsSupport).Select(p => p.User.EmailKey);
        var full = await db.FullMailboxesAsync([.. mailboxes], actor.Now, invitations: actor.IsSupport ? 0 : 1);
        if (full.Count == 0)
        {
            return full;
        }

        var keys = full.ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            delete from users u
            where email_key = any({keys}) and created_at = {actor.Now} and registered_at is null
              and support_since is null and not exists (select from memberships m where m.user_id = u.id)
            """
        );
        people.RemoveAll(p => full.Contains(p.User.EmailKey));
        return full;
    }

    private async Task<List<BulkInvitee>> JoinAsync(Actor actor, InvitationList list, List<BulkInvitee> wanted)
    {
        var ids = wanted.Select(i => i.MembershipId).ToArray();
        var users = wanted.Select(i => i.User.Id).ToArray();
        var roles = wanted.Select(i => i.Role).ToArray();
        var awaited = wanted.Select(i => i.Awaited).ToArray();
        var firstNames = wanted.Select(i => i.Awaited ? i.Line!.FirstName : null).ToArray();
        var lastNames = wanted.Select(i => i.Awaited ? i.Line!.LastName : null).ToArray();
        var emails = wanted.Select(i => i.Awaited ? i.Line!.Email : null).ToArray();
        var inserted = await db
            .Database.SqlQuery<Guid>(
                $"""
                insert into memberships (
                  id, organisation_id, user_id, role, added_at, added_by, awaited,
                  typed_first_name, typed_last_name, typed_email)
                select w.id, {list.OrganisationId}, w.user_id, w.role, {actor.Now}, {actor.UserId}, w.awaited,
                  w.first_name, w.last_name, w.email
                from unnest({ids}, {users}, {roles}, {awaited}, {firstNames}, {lastNames}, {emails})
                  as w (id, user_id, role, awaited, first_name, last_name, email)
                on conflict (organisation_id, user_id) where removed_at is null do nothing
                returning id
                """
            )
            .ToListAsync();
        var isNew = inserted.ToHashSet();
        var joined = wanted.FindAll(i => isNew.Contains(i.MembershipId));
        Guid[] joinedUsers = [.. joined.Select(i => i.User.Id)];
        await Outbox.SupersedeRemovalsAsync(db, list.OrganisationId, joinedUsers, actor.Now);
        await GrantAsync(list, joined);
        return joined;
    }

    private static BulkInvitee InviteeOf(
        Actor actor,
        InvitationList list,
        InvitationLine line,
        User user,
        HashSet<Guid> made
    ) =>
        new(
            line,
            user,
            Guid.CreateVersion7(),
            Guid.CreateVersion7(actor.Now),
            line.Role ?? list.Role,
            actor.UserId,
            actor.IsSupport ? null : actor.Viewer!.Name,
            Disclosure.IsAwaited(actor.Viewer!, isKnown: !made.Contains(user.Id))
        );

    private Task<int> GrantAsync(InvitationList list, List<BulkInvitee> joined)
    {
        var grants = joined
            .SelectMany(i => i.Line!.ServiceAreas ?? list.ServiceAreas, (i, area) => (i.MembershipId, Area: area))
            .ToList();
        var memberships = grants.Select(g => g.MembershipId).ToArray();
        var areas = grants.Select(g => g.Area).ToArray();
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into access_grants (organisation_id, membership_id, service_area_id)
            select {list.OrganisationId}, w.* from unnest({memberships}, {areas}) as w
            """
        );
    }

    /// <summary>
    /// What became of each line; every line that did not join was a member already, or has a full mailbox.
    /// </summary>
    private Task<int> RecordOutcomesAsync(
        InvitationList list,
        List<InvitationLine> lines,
        List<BulkInvitee> joined,
        HashSet<string> full
    )
    {
        var found = joined.ToDictionary(i => i.Line!.Position);
        var positions = lines.Select(l => l.Position).ToArray();
        var memberships = lines.Select(l => found.GetValueOrDefault(l.Position)?.MembershipId).ToArray();
        var outcomes = lines.Select(OutcomeOf).ToArray();
        return db.Database.ExecuteSqlAsync(
            $"""
            update invitation_lines l set membership_id = w.membership_id, outcome = w.outcome
            from unnest({positions}, {memberships}, {outcomes}) as w (position, membership_id, outcome)
            where l.organisation_id = {list.OrganisationId} and l.list_id = {list.Id} and l.position = w.position
            """
        );

        string OutcomeOf(InvitationLine line) =>
            found.TryGetValue(line.Position, out var invitee) ? invitee.Outcome
            : full.Contains(line.EmailKey!) ? InvitationOutcomes.TooMany
            : InvitationOutcomes.Already;
    }
}
