using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>What a person changes about themselves.</summary>
internal sealed class AccountDetails(Db db, Secret secret, AuditLog audit, IOptions<RollcallOptions> options)
{
    public static readonly TimeSpan AddressLinkLasts = TimeSpan.FromHours(24);
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(60);
    private const int MostADay = 5;

    public async Task ChangeNameAsync(
        Viewer by,
        string first,
        string last,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockOrganisationsOfAsync(by.UserId, cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {by.UserId} for update")
            .SingleAsync(cancellation);
        var before = Details.Of(user);
        (user.FirstName, user.LastName) = (first, last);
        if (Details.Of(user) != before)
        {
            audit.Add(AuditKinds.DetailsChanged, by, now, null, user.Id, new { from = before, to = Details.Of(user) });
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>
    /// Asks the new mailbox and tells the old one. An address that another account has gets no email, and nothing else
    /// differs: the request is kept, counted and told to the asker in the same way, so nothing shows that it is known.
    /// </summary>
    public async Task AskForAddressAsync(
        Viewer by,
        EmailAddress address,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {by.UserId} for no key update")
            .SingleAsync(cancellation);
        var today = await db
            .AddressChanges.Where(c => c.UserId == user.Id && c.CreatedAt > now.AddDays(-1))
            .ToListAsync(cancellation);
        if (
            today.Count >= MostADay
            || today.Exists(c => c.CreatedAt > now - Apart && c.Email == address.Display)
            || await db.RefuseMessagesAsync(
                options.Value.Limits,
                by,
                [new(address.Display, IsInvitation: false)],
                now,
                cancellation
            )
                is not null
        )
        {
            return;
        }

        var isTaken = await db.Users.AnyAsync(u => u.EmailKey == address.Key && u.Id != user.Id, cancellation);
        await db
            .AddressChanges.Where(c => c.UserId == user.Id && c.EndedAt == null)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.EndedAt, now), cancellation);
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
        Outbox.Enqueue(
            db,
            user.Email,
            new AddressChangeAsked(address.Display, hasPassword)
            {
                FirstName = user.FirstName,
                LastName = user.LastName,
            },
            null,
            now
        );
        if (!isTaken)
        {
            Outbox.Enqueue(
                db,
                address.Display,
                new ConfirmAddress(id, now + AddressLinkLasts, user.DisplayName, user.Email),
                null,
                now,
                by.UserId
            );
        }

        audit.Add(AuditKinds.AddressChangeAsked, by, now, null, user.Id, new { to = address.Display });
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The change that this link would confirm; null when the link is not, or no longer, good for one.</summary>
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
    /// Uses the link: the new address is the account's, and the old mailbox hears of it. Only for the account that asked:
    /// otherwise a stranger who selects the link would hand their address over.
    /// </summary>
    /// <returns>False when it is another account's link, was used a moment ago, or the address is taken by now.</returns>
    public async Task<bool> ConfirmAddressAsync(
        Viewer by,
        string? token,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (
            await FindAddressChangeAsync(token, now, cancellation) is not { } change
            || !by.Is(change.UserId)
            || !EmailAddress.TryParse(change.Email, out var address)
        )
        {
            return false;
        }

        await db.LockOrganisationsOfAsync(change.UserId, cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {change.UserId} for update")
            .SingleAsync(cancellation);
        if (
            await db
                .AddressChanges.Where(c => c.Id == change.Id && c.EndedAt == null)
                .ExecuteUpdateAsync(c => c.SetProperty(x => x.EndedAt, now), cancellation) == 0
        )
        {
            return false;
        }

        var before = Details.Of(user);
        (user.Email, user.EmailKey) = (address.Display, address.Key);
        audit.Add(
            AuditKinds.DetailsChanged,
            new(user.Id, user.DisplayName, before.Email, user.SupportSince is not null, []),
            now,
            null,
            user.Id,
            new { from = before, to = Details.Of(user) }
        );
        Outbox.Enqueue(
            db,
            before.Email,
            new AddressChanged { FirstName = user.FirstName, LastName = user.LastName },
            null,
            now
        );
        await db.EndMailedLinksAsync(user.Id, now, cancellation);
        await Outbox.ReaddressAsync(db, user.Id, change.Email, now, cancellation);
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { ConstraintName: "one_user_per_email" })
        {
            return false;
        }
        await transaction.CommitAsync(cancellation);
        return true;
    }
}
