using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>
/// Moves everything that was made with the old secret to the new one, or ends it: links, sessions, codes and what rests sealed. All of it in
/// one transaction, so that a killed run leaves the old secret in force.
/// </summary>
internal sealed class SecretRotation(Db db, Secret secret, Invitations invitations, AuditLog audit, TimeProvider clock)
{
    /// <summary>Emails whose link or code ends with the old secret. Invitations are not among them: theirs are made anew.</summary>
    private static readonly string[] Dead = ["reset-password", "confirm-address", "code-by-email", "code-by-text"];

    /// <summary>What cannot be carried over, because only a keyed hash or something for one session is kept.</summary>
    private static readonly string[] Ended =
    [
        "sessions",
        "pending_sign_ins",
        "proven_identities",
        "passkey_challenges",
        "one_time_codes",
        "recovery_codes",
        "throttles",
        "data_protection_keys",
    ];

    /// <param name="old">The secret that the database has.</param>
    /// <param name="endOthers">Ends the connections of other instances that began before an instant, except the one of this process.</param>
    /// <param name="cancellation">Ends the run and leaves everything as it was.</param>
    /// <returns>How many invitations were sent again; null when the database has the new secret already.</returns>
    /// <exception cref="StartException">The old secret is not the database's.</exception>
    public async Task<int?> RunAsync(
        Secret old,
        Func<int, DateTimeOffset, Task> endOthers,
        CancellationToken cancellation
    )
    {
        db.Database.SetCommandTimeout(0);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Who connects from now on waits here for the end, and then needs the new secret (OtherSecretException).
        await db.Database.ExecuteSqlAsync($"lock table secret_check in access exclusive mode", cancellation);
        var check = await db
            .Database.SqlQuery<byte[]>($"""select value as "Value" from secret_check""")
            .SingleOrDefaultAsync(cancellation);
        if (check is not null && CryptographicOperations.FixedTimeEquals(check, secret.CheckValue))
        {
            return null;
        }

        if (check is null || !CryptographicOperations.FixedTimeEquals(check, old.CheckValue))
        {
            throw new StartException(
                "ROLLCALL_OLD_SECRET is not the secret that this database was set up with. Nothing was changed."
            );
        }

        var here = await db
            .Database.SqlQuery<Here>($"""select pg_backend_pid() as "Process", clock_timestamp() as "At" """)
            .SingleAsync(cancellation);
        await endOthers(here.Process, here.At);

        var now = clock.GetUtcNow();
        await ResealAuthenticatorsAsync(old, cancellation);
        foreach (var table in Ended)
        {
#pragma warning disable EF1002 // the names stand above
            await db.Database.ExecuteSqlRawAsync($"delete from {table}", cancellation);
#pragma warning restore EF1002
        }

        await db
            .PasswordResets.Where(r => r.UsedAt == null)
            .ExecuteUpdateAsync(r => r.SetProperty(x => x.UsedAt, now), cancellation);
        await db
            .AddressChanges.Where(c => c.EndedAt == null)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.EndedAt, now), cancellation);
        await db
            .OutgoingMessages.Where(m =>
                Dead.Contains(m.Kind) && m.SentAt == null && m.FailedAt == null && m.SupersededAt == null
            )
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.SupersededAt, now), cancellation);
        var sent = await InviteAgainAsync(now, cancellation);
        // Their links are dead: undoing the removal that withdrew them makes new ones.
        await db
            .Invitations.Where(i => i.WithdrawnAt != null && i.AcceptedAt == null && i.SupersededAt == null)
            .ExecuteUpdateAsync(i => i.SetProperty(x => x.SupersededAt, now), cancellation);
        await db.Database.ExecuteSqlAsync($"update secret_check set value = {secret.CheckValue}", cancellation);
        audit.Add(AuditKinds.SecretChanged, null, now, null, null, new { invitations = sent });
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return sent;
    }

    private async Task ResealAuthenticatorsAsync(Secret old, CancellationToken cancellation)
    {
        var apps = await db
            .Database.SqlQuery<App>($"""select user_id as "UserId", secret as "Secret" from authenticators""")
            .ToListAsync(cancellation);
        var users = apps.Select(app => app.UserId).ToArray();
        var keys = apps.Select(app =>
                secret.Protect(Authenticators.Purpose, old.Unprotect(Authenticators.Purpose, app.Secret))
            )
            .ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            update authenticators a set secret = n.secret from unnest({users}, {keys}) as n (user_id, secret) where a.user_id = n.user_id
            """,
            cancellation
        );
    }

    /// <summary>Every link that works is replaced, with its email. A paused person gets none: theirs ends, and an admin sends another later.</summary>
    private async Task<int> InviteAgainAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var open = await (
            from i in db.Invitations.AsNoTracking()
            where
                i.AcceptedAt == null
                && i.WithdrawnAt == null
                && i.SupersededAt == null
                && (i.ExpiresAt == null || i.ExpiresAt > now)
            join u in db.Users on i.UserId equals u.Id
            from m in db.Memberships.Where(m => m.Id == i.MembershipId).DefaultIfEmpty()
            orderby i.SentAt, i.Id
            select new
            {
                i.Id,
                i.InvitedBy,
                UserId = u.Id,
                MembershipId = (Guid?)m!.Id,
                m.OrganisationId,
                Paused = (u.PausedAt ?? m.PausedAt) != null,
            }
        ).ToListAsync(cancellation);
        var sent = 0;
        foreach (var link in open)
        {
            if (link.Paused)
            {
                await db
                    .Invitations.Where(i => i.Id == link.Id)
                    .ExecuteUpdateAsync(
                        i => i.SetProperty(x => x.SupersededAt, now).SetProperty(x => x.ExpiresAt, now),
                        cancellation
                    );
                await db
                    .Memberships.Where(m => m.Id == link.MembershipId)
                    .ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, now), cancellation);
                continue;
            }

            var user = await db.Users.SingleAsync(u => u.Id == link.UserId, cancellation);
            if (link.MembershipId is null)
            {
                await invitations.InviteToSupportAsync(user, link.InvitedBy, now, cancellation);
            }
            else
            {
                var organisation = await db.Organisations.SingleAsync(o => o.Id == link.OrganisationId, cancellation);
                var membership = await db.Memberships.SingleAsync(m => m.Id == link.MembershipId, cancellation);
                await invitations.InviteAsync(user, organisation, membership, link.InvitedBy, now);
            }

            audit.Add(
                AuditKinds.SecretChanged,
                null,
                now,
                link.MembershipId is null ? null : link.OrganisationId,
                user.Id,
                new { email = user.Email }
            );
            await db.SaveChangesAsync(cancellation);
            db.ChangeTracker.Clear();
            sent++;
        }

        return sent;
    }

    private sealed record App(Guid UserId, byte[] Secret);

    private sealed record Here(int Process, DateTimeOffset At);
}
