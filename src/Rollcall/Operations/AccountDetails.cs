using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Changes a person's own name, mobile number and email address.</summary>
internal sealed class AccountDetails(Db db, Secret secret, AuditLog audit, IOptions<RollcallOptions> options)
{
    public static readonly TimeSpan AddressLinkLasts = TimeSpan.FromHours(24);
    private const int MostAddressesADay = 5;

    public static readonly Refusal MobileGetsCodes = new(
        "Mobile",
        "This number gets security codes. Confirm the new one to change it"
    );

    public Task<Result> ChangeNameAsync(Actor actor, string first, string last) =>
        db.InTransactionAsync(async () =>
        {
            var userId = actor.UserId!.Value;
            await db.LockOrganisationsOfAsync(userId);
            var user = await db.Users.FromSql($"select * from users where id = {userId} for update").SingleAsync();
            var before = Details.Of(user);
            user.FirstName = first;
            user.LastName = last;
            var after = Details.Of(user);
            if (after == before)
            {
                return Result.Unchanged;
            }

            audit.Add(actor, new UserDetailsChanged(before, after), user: userId);
            return Result.Done;
        });

    /// <summary>Changes a number that gets no security codes.</summary>
    public Task<Result> ChangeMobileAsync(Actor actor, string mobile) =>
        db.InTransactionAsync(async () =>
        {
            var user = await LockAsync(actor.UserId!.Value);
            if (user.MobileConfirmedAt is not null)
            {
                return MobileGetsCodes;
            }

            if (user.Mobile == mobile)
            {
                return Result.Unchanged;
            }

            user.Mobile = mobile;
            audit.Add(actor, new MobileChanged(), user: user.Id);
            Outbox.Enqueue(db, user, new SignInChanged(SignInChange.Mobile), actor.Now);
            return Result.Done;
        });

    /// <summary>
    /// Emails a link to the new address and a notice to the old one. When another account has the new address, no link
    /// is sent. Everything else is the same, so the asker does not learn that the address is known.
    /// </summary>
    /// <returns>Unchanged when a limit is reached, which the asker is not told either.</returns>
    public Task<Result> AskForAddressAsync(Actor actor, EmailAddress address) =>
        db.InTransactionAsync(async () =>
        {
            var now = actor.Now;
            var user = await LockAsync(actor.UserId!.Value);
            var today = await db
                .AddressChanges.Where(c => c.UserId == user.Id && c.CreatedAt > now.AddDays(-1))
                .ToListAsync();
            if (
                today.Count >= MostAddressesADay
                || today.Exists(c => c.CreatedAt > now - MailedLinks.Apart && c.Email == address.Display)
                || await db.RefuseMessagesAsync(
                    options.Value.Limits,
                    actor.Viewer,
                    [new(address.Display, IsInvitation: false)],
                    now
                )
                    is not null
            )
            {
                return Result.Unchanged;
            }

            var isTaken = await db.Users.AnyAsync(u => u.EmailKey == address.Key && u.Id != user.Id);
            await db
                .AddressChanges.Where(c => c.UserId == user.Id && c.EndedAt == null)
                .ExecuteUpdateAsync(c => c.SetProperty(x => x.EndedAt, now));
            var id = Guid.CreateVersion7(now);
            db.Add(
                new AddressChange
                {
                    Id = id,
                    UserId = user.Id,
                    Email = address.Display,
                    TokenHash = LinkToken.Hash(LinkToken.Of(secret, LinkToken.AddressChange, id))!,
                    CreatedAt = now,
                    EndedAt = isTaken ? now : null,
                }
            );
            var hasPassword = options.Value.SignIn.Passwords && user.PasswordHash is not null;
            Outbox.Enqueue(db, user, new AddressChangeAsked(address.Display, hasPassword), now);
            if (!isTaken)
            {
                var confirm = new ConfirmAddress(id, now + AddressLinkLasts, user.DisplayName, user.Email);
                Outbox.Enqueue(db, address.Display, confirm, null, now, user.Id);
            }

            audit.Add(actor, new AddressChangeRequested(address.Display), user: user.Id);
            return Result.Done;
        });

    /// <summary>The change that this link would confirm; null when the link does not work, or no longer.</summary>
    public async Task<AddressChange?> FindAddressChangeAsync(
        string? token,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        LinkToken.Hash(token) is { } hash
            ? await (
                from c in db.AddressChanges
                where c.TokenHash == hash && c.EndedAt == null && c.CreatedAt > now - AddressLinkLasts
                join u in db.Users on c.UserId equals u.Id
                where u.PausedAt == null
                select c
            )
                .AsNoTracking()
                .SingleOrDefaultAsync(cancellation)
            : null;

    /// <summary>
    /// Uses the link: the account gets the new address, and the old mailbox is told. Only for the account that asked.
    /// Otherwise a person who selects a stranger's link would hand their own address over.
    /// </summary>
    public Task<Result> ConfirmAddressAsync(Actor actor, string? token) =>
        db.InTransactionAsync(async () =>
        {
            var now = actor.Now;
            if (
                await FindAddressChangeAsync(token, now, CancellationToken.None) is not { } change
                || !actor.Is(change.UserId)
                || !EmailAddress.TryParse(change.Email, out var address)
            )
            {
                return MailedLinks.Ended;
            }

            await db.LockOrganisationsOfAsync(change.UserId);
            var user = await db
                .Users.FromSql($"select * from users where id = {change.UserId} for update")
                .SingleAsync();
            var used = await db
                .AddressChanges.Where(c => c.Id == change.Id && c.EndedAt == null)
                .ExecuteUpdateAsync(c => c.SetProperty(x => x.EndedAt, now));
            if (used == 0)
            {
                return MailedLinks.Ended;
            }

            var before = Details.Of(user);
            Outbox.Enqueue(db, user, new AddressChanged(), now);
            user.Email = address.Display;
            user.EmailKey = address.Key;
            audit.Add(actor, new UserDetailsChanged(before, Details.Of(user)), user: user.Id);
            await db.EndMailedLinksAsync(user.Id, now);
            await Outbox.ReaddressAsync(db, user.Id, change.Email, now);
            try
            {
                await db.SaveChangesAsync();
                return Result.Done;
            }
            catch (DbUpdateException e)
                when (e.InnerException is PostgresException { ConstraintName: "one_user_per_email" })
            {
                return MailedLinks.Ended; // another account has the address by now
            }
        });

    private Task<User> LockAsync(Guid userId) =>
        db.Users.FromSql($"select * from users where id = {userId} for no key update").SingleAsync();
}
