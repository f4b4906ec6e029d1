using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Creates organisations: one on a screen, or many from a file.</summary>
internal sealed class OrganisationSettings(
    Db db,
    MemberPolicy policy,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    public const string CodeInUse = "An organisation with this code already exists";

    public static readonly Refusal CodeNeeded = new(
        "Code",
        "Enter a code that tells it apart from the other organisation"
    );

    /// <summary>Creates an organisation. A name that another one has is asked about first, and needs a code.</summary>
    /// <param name="id">Made with the form, so that the form sent twice creates one organisation.</param>
    /// <param name="sameName">The question was answered: it may have the name of another one.</param>
    public async Task<NamingOutcome> CreateAsync(
        Viewer by,
        Guid id,
        string name,
        string? code,
        bool sameName,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockOrganisationNamesAsync(cancellation);
        if (await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, cancellation) is { } before)
        {
            if ((before.Name, before.Code) == (name, code))
            {
                return new(before, null, []);
            }

            id = Guid.CreateVersion7(); // sent from the Back button, with other answers
        }

        var namesakes = await NamesakesAsync(name, except: id, cancellation);
        if (namesakes.Count > 0 && (!sameName || code is null))
        {
            return new(null, sameName ? CodeNeeded : null, namesakes);
        }

        var organisation = new Organisation
        {
            Id = id,
            Name = name,
            Code = code,
            CreatedAt = now,
        };
        db.Add(organisation);
        audit.Add(AuditKinds.OrganisationCreated, by, now, organisation.Id, null, new { name, code });
        return await SaveNameAsync(cancellation) is { } refusal
            ? new(null, refusal, namesakes)
            : await CommitAsync(transaction, organisation, cancellation);
    }

    /// <summary>
    /// Changes name, code, and how many people it may invite by lists in a day (null: as the settings say). The same
    /// question about the name as <see cref="CreateAsync"/>.
    /// </summary>
    public async Task<NamingOutcome> ChangeAsync(
        Viewer by,
        Guid organisation,
        string name,
        string? code,
        int? bulkInvitationsADay,
        bool sameName,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockOrganisationNamesAsync(cancellation);
        var here = await db.Organisations.SingleAsync(o => o.Id == organisation, cancellation);
        var before = (here.Name, here.Code, here.BulkInvitationsADay);
        if (before == (name, code, bulkInvitationsADay))
        {
            return new(here, null, []);
        }

        var namesakes =
            (before.Name, before.Code) == (name, code)
                ? []
                : await NamesakesAsync(name, except: organisation, cancellation);
        var had = await db.Organisations.AnyAsync(
            o => o.Id == organisation && Db.SearchFold(o.Name) == Db.SearchFold(name),
            cancellation
        );
        if (namesakes.Count > 0 && !(sameName || had))
        {
            return new(null, null, namesakes);
        }

        if (namesakes.Count > 0 && code is null)
        {
            return new(null, CodeNeeded, had ? [] : namesakes);
        }

        (here.Name, here.Code, here.BulkInvitationsADay) = (name, code, bulkInvitationsADay);
        audit.Add(
            AuditKinds.OrganisationChanged,
            by,
            now,
            organisation,
            null,
            new
            {
                from = new
                {
                    name = before.Name,
                    code = before.Code,
                    bulkInvitationsADay = before.BulkInvitationsADay,
                },
                to = new
                {
                    name,
                    code,
                    bulkInvitationsADay,
                },
            }
        );
        return await SaveNameAsync(cancellation) is { } refusal
            ? new(null, refusal, had ? [] : namesakes)
            : await CommitAsync(transaction, here, cancellation);
    }

    private Task<List<Organisation>> NamesakesAsync(string name, Guid except, CancellationToken cancellation) =>
        db
            .Organisations.AsNoTracking()
            .Where(o => o.Id != except && Db.SearchFold(o.Name) == Db.SearchFold(name))
            .OrderBy(o => o.Code)
            .ThenBy(o => o.Id)
            .ToListAsync(cancellation);

    private async Task<Refusal?> SaveNameAsync(CancellationToken cancellation)
    {
        try
        {
            await db.SaveChangesAsync(cancellation);
            return null;
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { ConstraintName: "one_organisation_per_code" })
        {
            db.ChangeTracker.Clear();
            return new("Code", CodeInUse);
        }
    }

    private static async Task<NamingOutcome> CommitAsync(
        IDbContextTransaction transaction,
        Organisation organisation,
        CancellationToken cancellation
    )
    {
        await transaction.CommitAsync(cancellation);
        return new(organisation, null, []);
    }

    /// <summary>How the organisation's people sign in from their next request on; the same again changes nothing.</summary>
    /// <param name="ways">"password" and providers' keys; null: as the service's settings say.</param>
    /// <returns>Why not.</returns>
    public async Task<Refusal?> ChangeSignInAsync(
        Viewer by,
        Guid organisation,
        bool secondFactor,
        string[]? ways,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        if (await policy.RefuseForEveryoneAsync(by, organisation, cancellation) is { } refusal)
        {
            return refusal;
        }

        var here = await db.Organisations.SingleAsync(o => o.Id == organisation, cancellation);
        if (here.SecondFactorRequired != secondFactor)
        {
            audit.Add(AuditKinds.SecondFactorDemanded, by, now, organisation, null, new { demanded = secondFactor });
        }

        if (
            ways is null
                ? here.SignInMethods is not null
                : !ways.SequenceEqual(here.SignInMethods ?? [], StringComparer.Ordinal)
        )
        {
            audit.Add(AuditKinds.OrganisationChanged, by, now, organisation, null, new { signInMethods = ways });
        }

        (here.SecondFactorRequired, here.SignInMethods) = (secondFactor, ways);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    /// <summary>What its people call a service area; null: just that.</summary>
    public async Task<Refusal?> CallAreasAsync(
        Viewer by,
        Guid organisation,
        string? word,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        if (await policy.RefuseForEveryoneAsync(by, organisation, cancellation) is { } refusal)
        {
            return refusal;
        }

        if (
            await db
                .Organisations.Where(o => o.Id == organisation && o.AreaWord != word)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.AreaWord, word), cancellation) == 0
        )
        {
            return null;
        }

        audit.Add(AuditKinds.OrganisationChanged, by, now, organisation, null, new { areaWord = word });
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    /// <summary>Adds a service area, or renames one.</summary>
    /// <param name="id">The one to rename; null for a new one.</param>
    public async Task<Refusal?> NameAreaAsync(
        Viewer by,
        Guid organisation,
        Guid? id,
        string name,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        if (await policy.RefuseForEveryoneAsync(by, organisation, cancellation) is { } refusal)
        {
            return refusal;
        }

        var area = id is null
            ? null
            : await db.ServiceAreas.SingleOrDefaultAsync(
                a => a.Id == id && a.OrganisationId == organisation,
                cancellation
            );
        if (id is not null && area is null)
        {
            return new(null, "It has been removed");
        }

        if (area?.Name == name)
        {
            return null;
        }

        audit.Add(AuditKinds.AreaNamed, by, now, organisation, null, new { from = area?.Name, to = name });
        if (area is null)
        {
            db.Add(
                new ServiceArea
                {
                    OrganisationId = organisation,
                    Name = name,
                    CreatedAt = now,
                }
            );
        }
        else
        {
            area.Name = name;
        }

        try
        {
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return null;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { ConstraintName: "one_area_per_name" })
        {
            db.ChangeTracker.Clear();
            return new("Name", "There is already one with this name");
        }
    }

    /// <summary>Removes a service area, unless <see cref="RefuseToRemoveAreaAsync"/> says why not.</summary>
    public async Task<Refusal?> RemoveAreaAsync(
        Viewer by,
        Guid organisation,
        Guid id,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        if (await policy.RefuseForEveryoneAsync(by, organisation, cancellation) is { } notTheirs)
        {
            return notTheirs;
        }

        var area = await db.ServiceAreas.SingleOrDefaultAsync(
            a => a.Id == id && a.OrganisationId == organisation,
            cancellation
        );
        if (area is null)
        {
            return null;
        }

        if (await RefuseToRemoveAreaAsync(area, now, cancellation) is { } refusal)
        {
            return refusal;
        }

        db.Remove(area);
        audit.Add(AuditKinds.AreaRemoved, by, now, organisation, null, new { name = area.Name });
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    /// <summary>Someone is limited to this area alone: without it they could use everything.</summary>
    public async Task<Refusal?> RefuseToRemoveAreaAsync(
        ServiceArea area,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var id = area.Id;
        var limited = db.Memberships.Where(m =>
            db.AccessGrants.Any(g => g.MembershipId == m.Id && g.ServiceAreaId == id)
            && !db.AccessGrants.Any(g => g.MembershipId == m.Id && g.ServiceAreaId != id)
        );
        var only = await limited.CountAsync(m => m.RemovedAt == null, cancellation);
        if (only > 0)
        {
            return new(
                null,
                $"{(only == 1 ? "1 person" : $"{only:N0} people")} can use {area.Name} and nothing else. "
                    + "Change their access before you remove it"
            );
        }

        // A removal that may still be undone must bring the person back as limited as before.
        var minutes = options.Value.UndoMinutes;
        var lately = now.AddMinutes(-minutes);
        return await limited.AnyAsync(m => m.RemovedAt > lately, cancellation)
            ? new(
                null,
                $"Someone who could use {area.Name} and nothing else was removed a short while ago. "
                    + $"Their removal can still be undone. Try again in {(minutes == 1 ? "a minute" : $"{minutes} minutes")}"
            )
            : null;
    }

    /// <summary>Adds the organisation with this code, or brings it up to date; the same facts again change nothing.</summary>
    /// <returns>Whether anything was added or changed.</returns>
    public async Task<ImportOutcome> ImportAsync(
        string name,
        string code,
        SortedDictionary<string, string> details,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var id = Guid.CreateVersion7();
        var facts = JsonSerializer.Serialize(details);
        var saved = await db
            .Database.SqlQuery<Guid>(
                $"""
                insert into organisations (id, name, code, details, created_at) values ({id}, {name}, {code}, {facts}::jsonb, {now})
                on conflict (lower(code)) do update set name = excluded.name, code = excluded.code, details = excluded.details
                  where (organisations.name, organisations.code, organisations.details) is distinct from (excluded.name, excluded.code, excluded.details)
                returning id
                """
            )
            .ToListAsync(cancellation);
        if (saved is not [var organisation])
        {
            return ImportOutcome.Unchanged;
        }

        var isNew = organisation == id;
        audit.Add(
            isNew ? AuditKinds.OrganisationCreated : AuditKinds.OrganisationChanged,
            null,
            now,
            organisation,
            null,
            new
            {
                name,
                code,
                details,
            }
        );
        await db.SaveChangesAsync(cancellation);
        return isNew ? ImportOutcome.Added : ImportOutcome.Changed;
    }
}

/// <summary>What naming an organisation came to.</summary>
/// <param name="Organisation">As it is now; null when nothing was changed.</param>
/// <param name="Refusal">What is wrong with the name or the code; null when it is saved, or to be asked about.</param>
/// <param name="Namesakes">Others of the same name, to ask about.</param>
internal sealed record NamingOutcome(
    Organisation? Organisation,
    Refusal? Refusal,
    IReadOnlyList<Organisation> Namesakes
);

internal enum ImportOutcome
{
    Added,
    Unchanged,
    Changed,
}
