using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Finds the current terms and conditions, publishes new versions and records who accepted them.</summary>
internal sealed class Terms(Db db, AuditLog audit)
{
    public const string SameText = "This is the text of the current version. Change it to publish a new version";

    public static readonly Refusal Replaced = new(null, "We published a new version while you were reading");

    /// <summary>The version that everyone must have accepted; null while none has been published.</summary>
    public Task<TermsVersion?> CurrentAsync(CancellationToken cancellation) =>
        db.CurrentTerms.AsNoTracking().SingleOrDefaultAsync(cancellation);

    /// <summary>Whether this person still has to accept the current version.</summary>
    public Task<bool> AreToBeAcceptedByAsync(Guid user, CancellationToken cancellation) =>
        db.CurrentTerms.AnyAsync(
            t => !db.TermsAcceptances.Any(a => a.UserId == user && a.VersionId == t.Id),
            cancellation
        );

    /// <summary>
    /// Records that the person accepted the version they were shown. Refused once a newer one is published: they have
    /// not seen that one, and the old one is no longer asked for.
    /// </summary>
    public Task<Result> AcceptAsync(Actor actor, Guid shown) =>
        db.InTransactionAsync(async () =>
        {
            if (await CurrentAsync(CancellationToken.None) is not { } version || version.Id != shown)
            {
                return Replaced;
            }

            var userId = actor.UserId!.Value;
            var added = await db.Database.ExecuteSqlAsync(
                $"""
                insert into terms_acceptances (user_id, version_id, text_hash, accepted_at)
                values ({userId}, {version.Id}, {version.TextHash}, {actor.Now}) on conflict do nothing
                """
            );
            if (added == 0)
            {
                return Result.Unchanged;
            }

            audit.Add(actor, new TermsAccepted(version.Number, HashOf(version)), user: userId);
            return Result.Done;
        });

    /// <summary>Makes this text the next version. It must have passed <see cref="TermsVersion.Check"/>.</summary>
    public Task<Result<TermsVersion>> PublishAsync(Actor actor, string markdown) =>
        db.InTransactionAsync<Result<TermsVersion>>(async () =>
        {
            // Serialises publishers, so that each gets its own number. Readers and people who accept do not wait.
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('terms_versions', 0))");
            var last = await CurrentAsync(CancellationToken.None);
            var hash = TermsVersion.Hash(markdown);
            if (last is not null && last.TextHash.AsSpan().SequenceEqual(hash))
            {
                return new Refusal("Markdown", SameText);
            }

            var version = new TermsVersion
            {
                Number = (last?.Number ?? 0) + 1,
                Markdown = markdown,
                TextHash = hash,
                PublishedAt = actor.Now,
                PublishedBy = actor.UserId,
            };
            db.Add(version);
            audit.Add(actor, new TermsPublished(version.Number, HashOf(version)));
            return version;
        });

    private static string HashOf(TermsVersion version) => Convert.ToHexStringLower(version.TextHash);
}
