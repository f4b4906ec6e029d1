using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>One of the many people who are invited at once.</summary>
/// <param name="Line">Null for a person who was invited before.</param>
/// <param name="AddedBy">Who added them first.</param>
/// <param name="AddedByName">What the email calls that person; null for support staff.</param>
internal sealed record BulkInvitee(
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

/// <summary>
/// Issues links, queues emails and records it for many people, in the caller's transaction. The number of statements
/// does not grow with the number of people.
/// </summary>
internal sealed class BulkSending(Db db, Secret secret, IOptions<RollcallOptions> options)
{
    /// <summary>Behind codes, resets and single invitations: a list of ten thousand delays none of them.</summary>
    public const short Priority = 30;

    private readonly Roles roles = Roles.Of(options.Value);

    /// <summary>Refuses more people than the organisation may invite in bulk in 24 hours.</summary>
    public async Task<Refusal?> RefuseAsync(Actor actor, Organisation organisation, int wanted)
    {
        var most = organisation.BulkInvitationsADay ?? options.Value.Limits.BulkInvitationsADay;
        var dayAgo = actor.Now.AddDays(-1);
        var today = await db.OutgoingMessages.CountAsync(m =>
            m.BulkOrganisationId == organisation.Id && m.CreatedAt > dayAgo
        );
        return today + wanted <= most
            ? null
            : new(
                "",
                $"{organisation.Name} can invite {most:N0} people a day in bulk, and has invited {today:N0} in the "
                    + "last 24 hours. Invite fewer people, or ask support to raise the limit"
            );
    }

    /// <summary>
    /// A link for each. What was begun with an older link to the same mailbox ends, as with a single invitation.
    /// </summary>
    public async Task InviteAsync(Actor actor, Organisation organisation, IReadOnlyList<BulkInvitee> invitees)
    {
        var ids = invitees.Select(i => i.InvitationId).ToArray();
        var users = invitees.Select(i => i.User.Id).ToArray();
        var memberships = invitees.Select(i => i.MembershipId).ToArray();
        var emails = invitees.Select(i => i.User.Email).ToArray();
        var hashes = ids.Select(id => LinkToken.Hash(LinkToken.Of(secret, LinkToken.Invitation, id))!).ToArray();
        var invitedBy = invitees.Select(i => i.AddedBy).ToArray();
        var until = Until(actor.Now);
        await UnfinishedRegistrations.ClearAsync(db, users);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into invitations (
              id, organisation_id, user_id, membership_id, email, token_hash, invited_by, sent_at, expires_at)
            select w.id, {organisation.Id}, w.user_id, w.membership_id, w.email, w.token_hash, w.invited_by,
              {actor.Now}, {until}
            from unnest({ids}, {users}, {memberships}, {emails}, {hashes}, {invitedBy})
              as w (id, user_id, membership_id, email, token_hash, invited_by)
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            update memberships set expires_at = {until}, access_by = {actor.UserId}
            where organisation_id = {organisation.Id} and id = any({memberships})
            """
        );
    }

    /// <summary>Queues the emails: a link for a person without an account, a notice for everyone else.</summary>
    public async Task TellAsync(Actor actor, Organisation organisation, IReadOnlyList<BulkInvitee> invitees)
    {
        var told = invitees.Where(i => i.User.PausedAt is null || i.Awaited).ToList();
        var emails = told.Select(i => EmailTo(i, organisation, actor.Now)).ToList();
        var ids = Ids(told.Count, actor.Now);
        var kinds = emails.Select(e => e.Kind).ToArray();
        var data = emails.Select(e => e.ToJson()).ToArray();
        var addresses = told.Select(i => i.User.Email).ToArray();
        var keys = told.Select(i => i.User.EmailKey).ToArray();
        var memberships = told.Select(i => i.MembershipId).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into outgoing_messages (
              id, kind, data, to_address, to_key, membership_id, priority, created_at, caused_by, bulk_organisation_id)
            select w.id, w.kind, w.data::jsonb, w.to_address, w.to_key, w.membership_id,
              {Priority}, {actor.Now}, {actor.UserId}, {organisation.Id}
            from unnest({ids}, {kinds}, {data}, {addresses}, {keys}, {memberships})
              as w (id, kind, data, to_address, to_key, membership_id)
            """
        );
    }

    /// <summary>Records an event for each person.</summary>
    public Task RecordAsync(
        Actor actor,
        Organisation organisation,
        IReadOnlyList<BulkInvitee> invitees,
        Func<BulkInvitee, Event> eventOf
    )
    {
        var ids = Ids(invitees.Count, actor.Now);
        var users = invitees.Select(i => i.User.Id).ToArray();
        var events = invitees.Select(eventOf).ToList();
        var kinds = events.Select(e => e.Kind).ToArray();
        var facts = events.Select(e => e.ToJson()).ToArray();
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into audit_events (id, at, kind, actor_id, actor_name, by_support, organisation_id, user_id, data)
            select w.id, {actor.Now}, w.kind, {actor.UserId}, {actor.Viewer!.Name}, {actor.IsSupport},
              {organisation.Id}, w.user_id, w.data::jsonb
            from unnest({ids}, {kinds}, {users}, {facts}) as w (id, kind, user_id, data)
            """
        );
    }

    private static Guid[] Ids(int count, DateTimeOffset now) =>
        [.. Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7(now))];

    private Email EmailTo(BulkInvitee invitee, Organisation organisation, DateTimeOffset now)
    {
        var user = invitee.User;
        var providers = options.Value.SignIn.OnlyProviders(organisation.SignInMethods);
        return user.RegisteredAt is null
            ? new AddedToOrganisation(organisation.Id, organisation.Name, invitee.AddedByName)
            {
                FirstName = user.FirstName,
                LastName = user.LastName,
                InvitationId = invitee.InvitationId,
                Until = Until(now),
                ManagesUsers = roles.ManagesUsers(invitee.Role),
                SignsInWith = providers,
            }
            : new AddedToAnother(organisation.Id, organisation.Name, invitee.AddedByName)
            {
                FirstName = user.FirstName,
                LastName = user.LastName,
                SignsInWith = providers,
            };
    }

    private DateTimeOffset? Until(DateTimeOffset now) =>
        options.Value.InvitationHours is { } hours ? now.AddHours(hours) : null;
}
