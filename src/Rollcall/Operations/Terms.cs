using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>The terms and conditions: which are current, publishing new ones, and accepting them.</summary>
internal sealed class Terms(Db db, AuditLog audit)
{
    public const string SameText = "This is the text of the current version. Change it to publish a new version";

    /// <summary>The version that everybody must have accepted; null while none has been published.</summary>
    public Task<TermsVersion?> CurrentAsync(CancellationToken cancellation) =>
        db.CurrentTerms.AsNoTracking().SingleOrDefaultAsync(cancellation);

    /// <summary>Whether this person still has to accept the current version.</summary>
    public Task<bool> AreToBeAcceptedByAsync(Guid user, CancellationToken cancellation) =>
        db.CurrentTerms.AnyAsync(
            t => !db.TermsAcceptances.Any(a => a.UserId == user && a.VersionId == t.Id),
            cancellation
        );

    /// <summary>
    /// Records that somebody accepted the version that they were shown. Done twice, it records nothing more. Nothing is recorded when a newer
    /// version was published meanwhile: nobody has seen that one, and the old one is no longer what is asked for.
    /// </summary>
    /// <returns>False when a newer version is to be shown.</returns>
    public async Task<bool> AcceptAsync(Viewer user, Guid shown, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = db.Database.CurrentTransaction is null
            ? await db.Database.BeginTransactionAsync(cancellation)
            : null;
        if (await CurrentAsync(cancellation) is not { } version || version.Id != shown)
        {
            return false;
        }

        var isNew =
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into terms_acceptances (user_id, version_id, text_hash, accepted_at) values ({user.UserId}, {version.Id}, {version.TextHash}, {now})
                on conflict do nothing
                """,
                cancellation
            ) == 1;
        if (isNew)
        {
            audit.Add(
                AuditKinds.TermsAccepted,
                user,
                now,
                null,
                user.UserId,
                new { version = version.Number, textHash = Convert.ToHexStringLower(version.TextHash) }
            );
        }

        await db.SaveChangesAsync(cancellation);
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellation);
        }

        return true;
    }

    /// <summary>Makes this text (as <see cref="TermsVersion.Check"/> left it) the next version, in the caller's transaction; or says why not.</summary>
    public async Task<(TermsVersion? Published, Refusal? Refusal)> PublishAsync(
        Viewer by,
        string markdown,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        // One publisher at a time, so that each gets a number of its own; readers, and people who accept, do not wait.
        await db.Database.ExecuteSqlAsync(
            $"select pg_advisory_xact_lock(hashtextextended('terms_versions', 0))",
            cancellation
        );
        var (last, hash) = (await CurrentAsync(cancellation), TermsVersion.Hash(markdown));
        if (last is not null && last.TextHash.AsSpan().SequenceEqual(hash))
        {
            return (null, new("Markdown", SameText));
        }

        var version = new TermsVersion
        {
            Number = (last?.Number ?? 0) + 1,
            Markdown = markdown,
            TextHash = hash,
            PublishedAt = now,
            PublishedBy = by.UserId,
        };
        db.Add(version);
        audit.Add(
            AuditKinds.TermsPublished,
            by,
            now,
            null,
            null,
            new { version = version.Number, textHash = Convert.ToHexStringLower(hash) }
        );
        await db.SaveChangesAsync(cancellation);
        return (version, null);
    }
}
