using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Adds and removes support users. Nothing else makes a person one: joining an organisation never does.
/// </summary>
internal sealed class SupportTeam(Db db, Invitations invitations, AuditLog audit, IOptions<RollcallOptions> options)
{
    public static readonly Refusal Already = new("Email", "This person is already a support user");
    public static readonly Refusal Paused = new(
        "Email",
        "The account with this email address is paused. Resume it first"
    );
    public static readonly Refusal Yourself = new(null, "You cannot remove yourself");
    public static readonly Refusal NoLonger = new(null, "You are no longer a support user");

    /// <summary>
    /// Makes a person a support user, records it and queues the email, with a link for a person who has no account yet.
    /// The name of a person who is known stays as it is.
    /// </summary>
    public Task<Result<User>> AddAsync(Actor actor, string? firstName, string? lastName, EmailAddress email) =>
        db.InTransactionAsync<Result<User>>(async () =>
        {
            var inserted = await db.Database.ExecuteSqlAsync(
                $"""
                insert into users (id, email, email_key, first_name, last_name, created_at)
                values (
                  {Guid.CreateVersion7(actor.Now)}, {email.Display}, {email.Key}, {firstName}, {lastName}, {actor.Now})
                on conflict (email_key) do nothing
                """
            );
            var user = await db
                .Users.FromSql($"select * from users where email_key = {email.Key} for no key update")
                .SingleAsync();
            if (user.SupportSince is not null)
            {
                return Already;
            }

            if (user.PausedAt is not null)
            {
                return Paused;
            }

            var tooMany = await db.RefuseMessagesAsync(
                options.Value.Limits,
                actor.Viewer,
                [new(user.Email, IsInvitation: true)],
                actor.Now
            );
            if (tooMany is not null)
            {
                return tooMany;
            }

            user.SupportSince = actor.Now;
            audit.Add(actor, new SupportUserAdded(user.Email, KnownBefore: inserted == 0), user: user.Id);
            await db.SaveChangesAsync();
            if (user.RegisteredAt is null)
            {
                await invitations.InviteToSupportAsync(user, actor.UserId, actor.Now);
                return user;
            }

            var notice = new SupportAdded { AddedBy = actor.Viewer?.Name };
            Outbox.Enqueue(db, user, notice, actor.Now, causedBy: actor.UserId);
            return user;
        });

    /// <summary>
    /// Removes a support user, with their sessions and their link. They cannot remove themselves, and the actor must
    /// still be a support user when it happens: one always remains, also when two remove each other at the same
    /// instant.
    /// </summary>
    /// <returns>Unchanged when the person is not a support user.</returns>
    public async Task<Result<User>> RemoveAsync(Actor actor, Guid userId) =>
        actor.Is(userId)
            ? Yourself
            : await db.InTransactionAsync<Result<User>>(async () =>
            {
                // Both rows, in one order: the second of two waits here, and then sees what the first one did.
                var people = await db
                    .Users.FromSql(
                        $"select * from users where id in ({actor.UserId}, {userId}) order by id for no key update"
                    )
                    .ToDictionaryAsync(u => u.Id);
                var support = people.GetValueOrDefault(actor.UserId!.Value);
                if (support is not { SupportSince: not null, PausedAt: null, RegisteredAt: not null })
                {
                    return NoLonger;
                }

                if (people.GetValueOrDefault(userId) is not { SupportSince: not null } user)
                {
                    return Result<User>.Unchanged;
                }

                user.SupportSince = null;
                audit.Add(actor, new SupportUserRemoved(), user: user.Id);
                await invitations.WithdrawFromSupportAsync(user, actor.Now);
                var notice = new SupportRemoved(EverSignedIn: user.RegisteredAt is not null);
                Outbox.Enqueue(db, user, notice, actor.Now, causedBy: actor.UserId);
                // Other rights need another session (ASVS 5.0, 7.2.4).
                await db.Database.ExecuteSqlAsync($"delete from sessions where user_id = {user.Id}");
                return user;
            });
}
