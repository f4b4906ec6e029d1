using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Adds a person to an organisation: a new user, or one who is known elsewhere, whose name then stays as it is. An
/// admin cannot tell the two apart (<see cref="Disclosure"/>).
/// </summary>
internal sealed class AddMember(
    Db db,
    ChangeAccess changeAccess,
    Invitations invitations,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    private static readonly Refusal InUse = new("Email", EmailAddress.InUse);
    private static readonly Refusal AddressMoved = new(
        null,
        "Someone else changed this person at the same time. Try again"
    );

    /// <summary>What the viewer may give to the person they add.</summary>
    public Task<AccessOffer> OfferAsync(Viewer viewer, Guid organisationId, CancellationToken cancellation = default) =>
        changeAccess.OfferAsync(viewer, organisationId, cancellation);

    /// <summary>Adds the member, records it and queues the email.</summary>
    public Task<Result<User>> AddAsync(
        Actor actor,
        Organisation organisation,
        string? firstName,
        string? lastName,
        EmailAddress email,
        Access access
    ) =>
        db.InTransactionAsync<Result<User>>(async () =>
        {
            await db.LockAsync(organisation.Id);
            var offer = await OfferAsync(actor.Viewer!, organisation.Id);
            if (offer.Choose(access.Role, access.Areas) is null)
            {
                return ChangeAccess.NoLonger;
            }

            var isNew = await InsertUserAsync(firstName, lastName, email, actor.Now);
            // Locked before the membership refers to them: organisations that add one person at once wait here.
            var user = await db
                .Users.FromSql($"select * from users where email_key = {email.Key} for no key update")
                .SingleOrDefaultAsync();
            if (user is null)
            {
                return AddressMoved;
            }

            var awaited = Disclosure.IsAwaited(actor.Viewer!, isKnown: !isNew);
            var typed = awaited ? new Details(firstName, lastName, email.Display) : null;
            if (await JoinAsync(actor, organisation, user, access.Role, typed) is not { } member)
            {
                return InUse;
            }

            if ((user.PausedAt is null || awaited) && await RefuseEmailAsync(actor, email) is { } refusal)
            {
                return refusal;
            }

            await Outbox.SupersedeRemovalsAsync(db, organisation.Id, [user.Id], actor.Now);
            db.AddRange(member.Grants(access.Areas));
            var added = new MemberAdded(email.Display, access.Role, KnownElsewhere: !isNew);
            audit.Add(actor, added, organisation.Id, user.Id);
            await db.SaveChangesAsync();
            var needsLink = member.Awaited || user is { RegisteredAt: null, PausedAt: null };
            var link = needsLink ? await invitations.NewLinkAsync(user, member, actor.UserId, actor.Now) : null;
            await invitations.SendAsync(user, organisation, member, link, actor.UserId, actor.UserId, actor.Now);
            return user;
        });

    /// <summary>
    /// The unique index decides whether the address is known, also when two people add it at the same instant.
    /// </summary>
    /// <returns>Whether it was new.</returns>
    private async Task<bool> InsertUserAsync(
        string? firstName,
        string? lastName,
        EmailAddress email,
        DateTimeOffset now
    )
    {
        var id = Guid.NewGuid(); // random: an id with the time in it would tell whether the person was known
        var inserted = await db.Database.ExecuteSqlAsync(
            $"""
            insert into users (id, email, email_key, first_name, last_name, created_at)
            values ({id}, {email.Display}, {email.Key}, {firstName}, {lastName}, {now})
            on conflict (email_key) do nothing
            """
        );
        return inserted == 1;
    }

    /// <returns>Null when the person is a member already.</returns>
    private async Task<Membership?> JoinAsync(
        Actor actor,
        Organisation organisation,
        User user,
        string role,
        Details? typed
    )
    {
        var id = Guid.CreateVersion7();
        var inserted = await db.Database.ExecuteSqlAsync(
            $"""
            insert into memberships (
              id, organisation_id, user_id, role, added_at, added_by, awaited,
              typed_first_name, typed_last_name, typed_email)
            values (
              {id}, {organisation.Id}, {user.Id}, {role}, {actor.Now}, {actor.UserId}, {typed is not null},
              {typed?.FirstName}, {typed?.LastName}, {typed?.Email})
            on conflict (organisation_id, user_id) where removed_at is null do nothing
            """
        );
        return inserted == 0
            ? null
            : await db.Memberships.SingleAsync(m => m.OrganisationId == organisation.Id && m.Id == id);
    }

    /// <summary>Support may add one person to many organisations a day, as far as the mailbox has room.</summary>
    private Task<Refusal?> RefuseEmailAsync(Actor actor, EmailAddress email) =>
        db.RefuseMessagesAsync(
            options.Value.Limits,
            actor.Viewer,
            [new(email.Display, IsInvitation: !actor.IsSupport)],
            actor.Now
        );
}
