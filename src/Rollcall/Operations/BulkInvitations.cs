using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>
/// Adds and invites everybody of a list in one transaction, and writes down what became of each line. The number of statements does not grow with
/// the list.
/// </summary>
internal sealed class BulkInvitations(
    Db db,
    Secret secret,
    ChangeAccess changeAccess,
    MemberPolicy policy,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    /// <summary>Behind codes, resets and single invitations: a list of ten thousand delays none of them.</summary>
    public const short Priority = 30;

    /// <summary>As many expired invitations are sent again at once: as many as a list has.</summary>
    public const int MostAtOnce = 10_000;

    private readonly Roles roles = Roles.Of(options.Value);

    /// <summary>Invites the list, if nobody has meanwhile. In a transaction of its own.</summary>
    /// <returns>Why not; null also when it was confirmed before.</returns>
    public async Task<Refusal?> ConfirmAsync(
        Viewer by,
        Organisation organisation,
        Guid batchId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation.Id, cancellation);
        var batch = await db
            .InvitationLists.FromSql($"select * from invitation_batches where id = {batchId} for update")
            .SingleAsync(cancellation);
        if (batch.ConfirmedAt is not null)
        {
            return null;
        }

        var lines = await db
            .InvitationLines.AsNoTracking()
            .Where(l => l.BatchId == batchId && l.EmailKey != null)
            .OrderBy(l => l.EmailKey)
            .ToListAsync(cancellation);
        var offer = await changeAccess.OfferAsync(by, organisation.Id, cancellation);
        if (lines.Exists(l => offer.Choose(l.Role ?? batch.Role, l.ServiceAreas ?? batch.ServiceAreas) is null))
        {
            return ChangeAccess.NoLonger;
        }

        if (await OverTheLimitAsync(organisation, lines.Count, now, cancellation) is { } over)
        {
            return over;
        }

        var people = await PeopleAsync(lines, now, cancellation);
        var full = await LeaveOutFullMailboxesAsync(by, people, now, cancellation);
        var joined = await JoinAsync(by, organisation, batch, people, now, cancellation);
        await InviteAsync(
            by,
            [.. joined.Where(j => j.Awaited || j.User is { RegisteredAt: null, PausedAt: null })],
            now,
            cancellation
        );
        await TellAsync(by, organisation, joined, now, cancellation);
        await RecordAsync(AuditKinds.Added, by, organisation, joined, now, cancellation);

        await db.Database.ExecuteSqlAsync(
            $"""
            update invitation_lines l set membership_id = j.membership,
              outcome = coalesce(j.outcome, case when l.email_key = any({full}) then {InvitationOutcomes.TooMany} else {InvitationOutcomes.Already} end)
            from (select unnest({lines.Select(l => l.Position).ToArray()}) as position) p
            left join (select * from unnest({joined.Select(j => j.Line!.Position).ToArray()}, {joined.Select(j =>
                j.Outcome
            ).ToArray()}, {joined.Select(j =>
                j.MembershipId
            ).ToArray()}) as j (position, outcome, membership)) j using (position)
            where l.batch_id = {batchId} and l.position = p.position
            """,
            cancellation
        );
        (batch.ConfirmedAt, batch.Typed) = (now, null);
        audit.Add(
            AuditKinds.ListInvited,
            by,
            now,
            organisation.Id,
            null,
            new
            {
                batch = batch.Id,
                added = joined.Count,
                of = lines.Count,
            }
        );
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    /// <summary>
    /// Sends the invitation of everybody here whose link has run out again (<see cref="MostAtOnce"/>, those first that ran out first), as <see cref="Invitations.SendAgainAsync"/> does for one: with the name of
    /// whoever added them, and to no mailbox that got one a moment ago or five today.
    /// </summary>
    /// <returns>How many were sent, how many wait because of that, and how many are for a role that the sender may not give; or why none.</returns>
    public async Task<(int Sent, int TooSoon, int Above, Refusal? Refusal)> SendToExpiredAsync(
        Viewer by,
        Organisation organisation,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation.Id, cancellation);
        var users = await db
            .Users.FromSql(
                $"""
                select * from users where id in (
                  select user_id from memberships where organisation_id = {organisation.Id} and removed_at is null and standing = 'waiting' and expires_at <= {now}
                  order by expires_at, id limit {MostAtOnce})
                order by email_key for no key update
                """
            )
            .AsNoTracking()
            .ToDictionaryAsync(u => u.Id, cancellation);
        var (moment, ids) = (now - Invitations.Apart, users.Keys.ToArray());
        var within = await policy.WithinReachAsync(by, organisation.Id, ids, cancellation);
        var full = await db.FullMailboxesAsync([.. users.Values.Select(u => u.EmailKey)], now, cancellation);
        var expired = await (
            from m in db.Memberships.AsNoTracking()
            where
                m.OrganisationId == organisation.Id
                && ids.Contains(m.UserId)
                && m.RemovedAt == null
                && m.PausedAt == null
                && m.ExpiresAt <= now
            select new
            {
                Membership = m,
                AddedBy = db
                    .Users.Where(u => u.Id == m.AddedBy && u.SupportSince == null)
                    .Select(u => (u.FirstName ?? "") + " " + (u.LastName ?? ""))
                    .FirstOrDefault(),
                TooSoon = db.Invitations.Any(i => i.MembershipId == m.Id && i.SentAt > moment),
            }
        ).ToListAsync(cancellation);
        var above = expired.RemoveAll(e => !within.Contains(e.Membership.UserId)); // for an admin who holds as much to send
        var again = expired
            .Where(e => !e.TooSoon && !full.Contains(users[e.Membership.UserId].EmailKey))
            .Select(e => new Joined(
                null,
                users[e.Membership.UserId],
                e.Membership.Id,
                Guid.CreateVersion7(now),
                e.Membership.Role,
                e.Membership.AddedBy,
                string.IsNullOrWhiteSpace(e.AddedBy) ? null : e.AddedBy.Trim(),
                e.Membership.Awaited
            ))
            .ToList();
        if (await OverTheLimitAsync(organisation, again.Count, now, cancellation) is { } over)
        {
            return (0, 0, 0, over);
        }

        var memberships = again.Select(j => j.MembershipId).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"update invitations set superseded_at = {now} where membership_id = any({memberships}) and accepted_at is null and withdrawn_at is null and superseded_at is null",
            cancellation
        );
        await Outbox.SupersedeAdditionsAsync(db, memberships, Endings.Newer, now, cancellation);
        await InviteAsync(by, again, now, cancellation);
        await TellAsync(by, organisation, again, now, cancellation);
        await RecordAsync(AuditKinds.InvitationSentAgain, by, organisation, again, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return (again.Count, expired.Count - again.Count, above, null);
    }

    private async Task<Refusal?> OverTheLimitAsync(
        Organisation organisation,
        int wanted,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var most = organisation.BulkInvitationsADay ?? options.Value.Limits.BulkInvitationsADay;
        var dayAgo = now.AddDays(-1);
        var today = await db.OutgoingMessages.CountAsync(
            m => m.BulkOrganisationId == organisation.Id && m.CreatedAt > dayAgo,
            cancellation
        );
        return today + wanted <= most
            ? null
            : new(
                null,
                $"{organisation.Name} can invite {most:N0} people a day in bulk, and has invited {today:N0} in the last 24 hours. Invite fewer people, or ask support to raise the limit"
            );
    }

    /// <summary>Everybody's row, made where there was none; locked, as their memberships will look at them.</summary>
    private async Task<List<(InvitationLine Line, User User, bool IsNew)>> PeopleAsync(
        List<InvitationLine> lines,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var keys = lines.Select(l => l.EmailKey!).ToArray(); // in order, so that two lists that share people do not wait for each other in a circle
        Dictionary<string, User> users;
        var made = new HashSet<Guid>();
        do // once, unless somebody gives an address up between the two statements
        {
            made.UnionWith(
                await db
                    .Database.SqlQuery<Guid>(
                        $"""
                        insert into users (id, email, email_key, first_name, last_name, created_at)
                        select w.*, {now} from unnest({lines.Select(_ => Guid.NewGuid()).ToArray()}, {lines.Select(l =>
                            l.Email!
                        ).ToArray()}, {keys}, {lines.Select(l => l.FirstName).ToArray()}, {lines.Select(l =>
                            l.LastName
                        ).ToArray()}) as w
                        on conflict (email_key) do nothing
                        returning id
                        """
                    )
                    .ToListAsync(cancellation)
            );
            users = await db
                .Users.FromSql(
                    $"select * from users where email_key = any({keys}) order by email_key for no key update"
                )
                .AsNoTracking()
                .ToDictionaryAsync(u => u.EmailKey, StringComparer.Ordinal, cancellation);
        } while (!keys.All(users.ContainsKey));
        return [.. lines.Select(line => (line, users[line.EmailKey!], made.Contains(users[line.EmailKey!].Id)))];
    }

    /// <summary>
    /// Leaves out people whose mailbox gets no more today, behind the locks on their rows. A row that was made for them a moment ago goes again: it
    /// belongs to no organisation.
    /// </summary>
    /// <returns>The addresses.</returns>
    private async Task<string[]> LeaveOutFullMailboxesAsync(
        Viewer by,
        List<(InvitationLine Line, User User, bool IsNew)> people,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        string[] mailboxes =
        [
            .. people.Where(p => p.User.PausedAt is null || !by.IsSupport).Select(p => p.User.EmailKey),
        ];
        string[] full =
        [
            .. await db.FullMailboxesAsync(mailboxes, now, cancellation, invitations: by.IsSupport ? 0 : 1),
        ];
        if (full.Length == 0)
        {
            return full;
        }

        await db.Database.ExecuteSqlAsync(
            $"""
            delete from users u where email_key = any({full}) and created_at = {now} and registered_at is null and support_since is null
              and not exists (select from memberships m where m.user_id = u.id)
            """,
            cancellation
        );
        people.RemoveAll(p => full.Contains(p.User.EmailKey, StringComparer.Ordinal));
        return full;
    }

    private async Task<List<Joined>> JoinAsync(
        Viewer by,
        Organisation organisation,
        InvitationList batch,
        List<(InvitationLine Line, User User, bool IsNew)> people,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var wanted = people
            .Select(p => new Joined(
                p.Line,
                p.User,
                Guid.CreateVersion7(),
                Guid.CreateVersion7(now),
                p.Line.Role ?? batch.Role,
                by.UserId,
                by.IsSupport ? null : by.Name,
                Awaited: !p.IsNew && !by.IsSupport
            ))
            .ToList();
        var added = await db
            .Database.SqlQuery<Guid>(
                $"""
                insert into memberships (id, organisation_id, user_id, role, added_at, added_by, awaited, typed_first_name, typed_last_name, typed_email)
                select w.id, {organisation.Id}, w.user_id, w.role, {now}, {by.UserId}, w.awaited,
                       case when w.awaited then w.first_name end, case when w.awaited then w.last_name end, case when w.awaited then w.email end
                from unnest({wanted.Select(j => j.MembershipId).ToArray()}, {wanted.Select(j =>
                    j.User.Id
                ).ToArray()}, {wanted.Select(j => j.Role).ToArray()}, {wanted.Select(j => j.Awaited).ToArray()},
                            {wanted.Select(j => j.Line!.FirstName).ToArray()}, {wanted.Select(j =>
                    j.Line!.LastName
                ).ToArray()}, {wanted.Select(j => j.Line!.Email).ToArray()})
                  as w (id, user_id, role, awaited, first_name, last_name, email)
                on conflict (organisation_id, user_id) where removed_at is null do nothing
                returning id
                """
            )
            .ToListAsync(cancellation);
        var isNew = added.ToHashSet();
        var joined = wanted.Where(j => isNew.Contains(j.MembershipId)).ToList();
        await Outbox.SupersedeRemovalsAsync(db, organisation.Id, [.. joined.Select(j => j.User.Id)], now, cancellation);
        var grants = joined
            .SelectMany(j => j.Line!.ServiceAreas ?? batch.ServiceAreas, (j, area) => (j.MembershipId, Area: area))
            .ToList();
        await db.Database.ExecuteSqlAsync(
            $"insert into access_grants (membership_id, service_area_id) select * from unnest({grants.Select(g => g.MembershipId).ToArray()}, {grants.Select(g => g.Area).ToArray()})",
            cancellation
        );
        return joined;
    }

    /// <summary>A link for each who has no account; what was begun with an older link to the same mailbox ends, as ever (<see cref="Invitations"/>).</summary>
    private async Task InviteAsync(
        Viewer by,
        List<Joined> newcomers,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var users = newcomers.Select(j => j.User.Id).ToArray();
        await Invitations.ForgetWhatWasBegunAsync(db, users, cancellation);
        var until = Until(now);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into invitations (id, user_id, membership_id, email, token_hash, invited_by, sent_at, expires_at)
            select w.id, w.user_id, w.membership_id, w.email, w.token_hash, w.invited_by, {now}, {until}
            from unnest({newcomers.Select(j => j.InvitationId).ToArray()}, {users}, {newcomers.Select(j =>
                j.MembershipId
            ).ToArray()}, {newcomers.Select(j => j.User.Email).ToArray()},
                        {newcomers.Select(j =>
                LinkToken.Hash(LinkToken.Of(secret, LinkToken.Invitation, j.InvitationId))!
            ).ToArray()}, {newcomers.Select(j => j.AddedBy).ToArray()})
              as w (id, user_id, membership_id, email, token_hash, invited_by)
            """,
            cancellation
        );
        await db.Database.ExecuteSqlAsync(
            $"update memberships set expires_at = {until}, late = false, access_by = {by.UserId} where id = any({newcomers.Select(j => j.MembershipId).ToArray()})",
            cancellation
        );
    }

    private async Task TellAsync(
        Viewer by,
        Organisation organisation,
        List<Joined> joined,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var (until, providers) = (Until(now), options.Value.SignIn.OnlyProviders(organisation.SignInMethods));
        var emails = joined
            .Where(j => j.User.PausedAt is null || j.Awaited)
            .Select(j =>
                (
                    Joined: j,
                    Email: j.User.RegisteredAt is null
                        ? new AddedToOrganisation(organisation.Id, organisation.Name, j.AddedByName)
                        {
                            FirstName = j.User.FirstName,
                            LastName = j.User.LastName,
                            InvitationId = j.InvitationId,
                            Until = until,
                            ManagesUsers = roles.ManagesUsers(j.Role),
                            SignsInWith = providers,
                        }
                        : (Email)
                            new AddedToAnother(organisation.Id, organisation.Name, j.AddedByName)
                            {
                                FirstName = j.User.FirstName,
                                LastName = j.User.LastName,
                                SignsInWith = providers,
                            }
                )
            )
            .ToList();
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into outgoing_messages (id, kind, data, to_address, to_key, membership_id, priority, created_at, caused_by, bulk_organisation_id)
            select uuidv7(), w.kind, w.data::jsonb, w.to_address, w.to_key, w.membership_id, {Priority}, {now}, {by.UserId}, {organisation.Id}
            from unnest({emails.Select(e => e.Email.Kind).ToArray()}, {emails.Select(e =>
                e.Email.ToJson()
            ).ToArray()}, {emails.Select(e => e.Joined.User.Email).ToArray()},
                        {emails.Select(e => e.Joined.User.EmailKey).ToArray()}, {emails.Select(e =>
                e.Joined.MembershipId
            ).ToArray()})
              as w (kind, data, to_address, to_key, membership_id)
            """,
            cancellation
        );
    }

    private Task<int> RecordAsync(
        string kind,
        Viewer by,
        Organisation organisation,
        List<Joined> joined,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        db.Database.ExecuteSqlAsync(
            $"""
            insert into audit_events (id, at, kind, actor_id, actor_name, organisation_id, user_id, data)
            select uuidv7(), {now}, {kind}, {by.UserId}, {by.Name}, {organisation.Id}, w.user_id, w.data::jsonb
            from unnest({joined.Select(j => j.User.Id).ToArray()}, {joined.Select(j =>
                JsonSerializer.Serialize(
                    new
                    {
                        email = j.Line?.Email ?? j.User.Email,
                        role = j.Role,
                        list = j.Line?.BatchId,
                    },
                    JsonSerializerOptions.Web
                )
            ).ToArray()}) as w (user_id, data)
            """,
            cancellation
        );

    private DateTimeOffset? Until(DateTimeOffset now) =>
        options.Value.InvitationHours is { } hours ? now.AddHours(hours) : null;

    /// <param name="Line">Null for somebody who was invited before.</param>
    /// <param name="AddedBy">Who added them first; named in the email unless they are support staff.</param>
    private sealed record Joined(
        InvitationLine? Line,
        User User,
        Guid MembershipId,
        Guid InvitationId,
        string Role,
        Guid? AddedBy,
        string? AddedByName,
        bool Awaited
    )
    {
        public string Outcome =>
            User.PausedAt is not null ? InvitationOutcomes.Paused
            : User.RegisteredAt is null ? InvitationOutcomes.Invited
            : InvitationOutcomes.Added;
    }
}
