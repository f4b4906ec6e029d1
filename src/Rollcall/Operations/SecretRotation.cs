using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <param name="Invitations">How many were sent again.</param>
internal sealed record RotatedSecret(int Invitations);

/// <summary>
/// Moves everything that was made with the old secret to the new one, or ends it: links, sessions, codes and sealed
/// values. All in one transaction, so that a killed run leaves the old secret in force.
/// </summary>
internal sealed class SecretRotation(Db db, Secret secret, Invitations invitations, AuditLog audit, TimeProvider clock)
{
    /// <summary>Emails whose link or code ends with the old secret. Invitations get new links instead.</summary>
    private static readonly string[] Dead = ["reset-password", "confirm-address", "code-by-email", "code-by-text"];

    /// <summary>Tables that cannot be carried over: they hold keyed hashes or what belongs to one session.</summary>
    private static readonly string[] Ended =
    [
        "sessions",
        "pending_sign_ins",
        "proven_identities",
        "one_time_codes",
        "recovery_codes",
        "throttles",
        "data_protection_keys",
    ];

    /// <param name="old">The secret that the database has.</param>
    /// <param name="endOthers">
    /// Ends the connections of other instances that began before an instant, except the one of this process.
    /// </param>
    /// <returns>Unchanged when the database has the new secret already.</returns>
    /// <exception cref="StartException">The old secret is not the database's.</exception>
    public Task<Result<RotatedSecret>> RunAsync(Secret old, Func<int, DateTimeOffset, Task> endOthers)
    {
        db.Database.SetCommandTimeout(0);
        return db.InTransactionAsync(() => RotateAsync(old, endOthers));
    }

    private async Task<Result<RotatedSecret>> RotateAsync(Secret old, Func<int, DateTimeOffset, Task> endOthers)
    {
        // New connections wait here until the end, and then need the new secret (OtherSecretException).
        await db.Database.ExecuteSqlAsync($"lock table secret_check in access exclusive mode");
        var check = await db
            .Database.SqlQuery<byte[]>($"""select value as "Value" from secret_check""")
            .SingleOrDefaultAsync();
        if (check is not null && CryptographicOperations.FixedTimeEquals(check, secret.CheckValue))
        {
            return Result<RotatedSecret>.Unchanged;
        }

        if (check is null || !CryptographicOperations.FixedTimeEquals(check, old.CheckValue))
        {
            throw new StartException(
                "ROLLCALL_OLD_SECRET is not the secret that this database was set up with. Nothing was changed."
            );
        }

        var here = await db
            .Database.SqlQuery<Here>($"""select pg_backend_pid() as "Process", clock_timestamp() as "At" """)
            .SingleAsync();
        await endOthers(here.Process, here.At);

        var now = clock.GetUtcNow();
        await ResealAuthenticatorsAsync(old);
        foreach (var table in Ended)
        {
#pragma warning disable EF1002 // the names stand above
            await db.Database.ExecuteSqlRawAsync($"delete from {table}");
#pragma warning restore EF1002
        }

        await db.PasswordResets.Where(r => r.UsedAt == null).ExecuteUpdateAsync(r => r.SetProperty(x => x.UsedAt, now));
        await db
            .AddressChanges.Where(c => c.EndedAt == null)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.EndedAt, now));
        await db
            .OutgoingMessages.Where(m =>
                Dead.Contains(m.Kind) && m.SentAt == null && m.FailedAt == null && m.SupersededAt == null
            )
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.SupersededAt, now));
        var sent = await InviteAgainAsync(now);
        // Their links are dead: undoing the removal that withdrew them makes new ones.
        await db
            .Invitations.Where(i => i.WithdrawnAt != null && i.AcceptedAt == null && i.SupersededAt == null)
            .ExecuteUpdateAsync(i => i.SetProperty(x => x.SupersededAt, now));
        await db.Database.ExecuteSqlAsync($"update secret_check set value = {secret.CheckValue}");
        audit.Add(new Actor(null, now), new SecretChanged(Invitations: sent));
        return new RotatedSecret(sent);
    }

    private async Task ResealAuthenticatorsAsync(Secret old)
    {
        var apps = await db
            .Database.SqlQuery<App>($"""select user_id as "UserId", secret as "Secret" from authenticators""")
            .ToListAsync();
        var users = apps.Select(app => app.UserId).ToArray();
        var keys = apps.Select(app =>
                secret.Protect(Authenticators.Purpose, old.Unprotect(Authenticators.Purpose, app.Secret))
            )
            .ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            update authenticators a set secret = n.secret
            from unnest({users}, {keys}) as n (user_id, secret) where a.user_id = n.user_id
            """
        );
    }

    /// <summary>
    /// Replaces every link that works, and emails it. A paused person's link ends, and an admin sends another later.
    /// </summary>
    private async Task<int> InviteAgainAsync(DateTimeOffset now)
    {
        var open = await (
            from i in db.Invitations.AsNoTracking()
            where
                i.AcceptedAt == null
                && i.WithdrawnAt == null
                && i.SupersededAt == null
                && (i.ExpiresAt == null || i.ExpiresAt > now)
            join u in db.Users on i.UserId equals u.Id
            from m in db
                .Memberships.Where(m => m.OrganisationId == i.OrganisationId && m.Id == i.MembershipId)
                .DefaultIfEmpty()
            orderby i.SentAt, i.Id
            select new
            {
                i.Id,
                i.InvitedBy,
                UserId = u.Id,
                MembershipId = (Guid?)m!.Id,
                i.OrganisationId,
                Paused = (u.PausedAt ?? m.PausedAt) != null,
            }
        ).ToListAsync();
        var sent = 0;
        foreach (var link in open)
        {
            if (link.Paused)
            {
                await db
                    .Invitations.Where(i => i.OrganisationId == link.OrganisationId && i.Id == link.Id)
                    .ExecuteUpdateAsync(i =>
                        i.SetProperty(x => x.SupersededAt, now).SetProperty(x => x.ExpiresAt, now)
                    );
                await db
                    .Memberships.Where(m => m.OrganisationId == link.OrganisationId && m.Id == link.MembershipId)
                    .ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, now));
                continue;
            }

            var user = await db.Users.SingleAsync(u => u.Id == link.UserId);
            if (link.MembershipId is null)
            {
                await invitations.InviteToSupportAsync(user, link.InvitedBy, now);
            }
            else
            {
                var organisation = await db.Organisations.SingleAsync(o => o.Id == link.OrganisationId);
                var membership = await db.Memberships.SingleAsync(m =>
                    m.OrganisationId == link.OrganisationId && m.Id == link.MembershipId
                );
                await invitations.InviteAsync(user, organisation, membership, link.InvitedBy, now);
            }

            Guid? organisationId = link.MembershipId is null ? null : link.OrganisationId;
            audit.Add(new Actor(null, now), new SecretChanged(user.Email), organisationId, user.Id);
            await db.SaveChangesAsync();
            db.ChangeTracker.Clear();
            sent++;
        }

        return sent;
    }

    private sealed record App(Guid UserId, byte[] Secret);

    private sealed record Here(int Process, DateTimeOffset At);
}
