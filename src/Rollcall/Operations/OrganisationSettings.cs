using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Creates organisations, changes their names, and decides how their people sign in.</summary>
internal sealed class OrganisationSettings(Db db, MemberPolicy policy, AuditLog audit)
{
    public const string CodeInUse = "An organisation with this code already exists";

    public static readonly Refusal CodeNeeded = new(
        "Code",
        "Enter a code that tells it apart from the other organisation"
    );

    /// <summary>
    /// Creates an organisation. When the name is taken, the page asks first; the new organisation then needs a code.
    /// </summary>
    /// <param name="id">Made with the form, so that a form sent twice creates one organisation.</param>
    /// <param name="sameName">The admin has confirmed that two organisations may share the name.</param>
    public Task<NamingOutcome> CreateAsync(Actor actor, Guid id, string name, string? code, bool sameName) =>
        db.InTransactionAsync<NamingOutcome>(async () =>
        {
            await db.LockOrganisationNamesAsync();
            if (await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id) is { } existing)
            {
                if (existing.Name == name && existing.Code == code)
                {
                    return new(existing, null, []);
                }

                id = Guid.CreateVersion7(); // the Back button, then other answers: another organisation
            }

            var sameNames = await SameNamesAsync(name, except: id);
            if (sameNames.Count > 0 && (!sameName || code is null))
            {
                return new(null, sameName ? CodeNeeded : null, sameNames);
            }

            var organisation = new Organisation
            {
                Id = id,
                Name = name,
                Code = code,
                CreatedAt = actor.Now,
            };
            db.Add(organisation);
            audit.Add(actor, new OrganisationCreated(name, code), organisation.Id);
            return await SaveAsync(organisation, sameNames);
        });

    /// <summary>Changes name, code and daily limit. A new name that is taken is asked about as on creation.</summary>
    /// <param name="bulkInvitationsADay">
    /// How many people it may invite by lists in a day; null: the limit from the settings.
    /// </param>
    /// <param name="sameName">As for <see cref="CreateAsync"/>.</param>
    public Task<NamingOutcome> ChangeAsync(
        Actor actor,
        Guid organisationId,
        string name,
        string? code,
        int? bulkInvitationsADay,
        bool sameName
    ) =>
        db.InTransactionAsync<NamingOutcome>(async () =>
        {
            await db.LockOrganisationNamesAsync();
            var organisation = await db.Organisations.SingleAsync(o => o.Id == organisationId);
            var keepsName = organisation.Name == name && organisation.Code == code;
            if (keepsName && organisation.BulkInvitationsADay == bulkInvitationsADay)
            {
                return new(organisation, null, []);
            }

            var sameNames = keepsName ? [] : await SameNamesAsync(name, except: organisationId);
            var sharedAlready = await db.Organisations.AnyAsync(o =>
                o.Id == organisationId && Db.SearchFold(o.Name) == Db.SearchFold(name)
            );
            if (sameNames.Count > 0 && !(sameName || sharedAlready))
            {
                return new(null, null, sameNames);
            }

            IReadOnlyList<Organisation> toAskAbout = sharedAlready ? [] : sameNames;
            if (sameNames.Count > 0 && code is null)
            {
                return new(null, CodeNeeded, toAskAbout);
            }

            var from = OrganisationFacts.Of(organisation);
            organisation.Name = name;
            organisation.Code = code;
            organisation.BulkInvitationsADay = bulkInvitationsADay;
            var to = OrganisationFacts.Of(organisation);
            audit.Add(actor, new OrganisationChanged(from, to), organisationId);
            return await SaveAsync(organisation, toAskAbout);
        });

    private Task<List<Organisation>> SameNamesAsync(string name, Guid except) =>
        db
            .Organisations.AsNoTracking()
            .Where(o => o.Id != except && Db.SearchFold(o.Name) == Db.SearchFold(name))
            .OrderBy(o => o.Code)
            .ThenBy(o => o.Id)
            .ToListAsync();

    private async Task<NamingOutcome> SaveAsync(Organisation organisation, IReadOnlyList<Organisation> sameNames)
    {
        try
        {
            await db.SaveChangesAsync();
            return new(organisation, null, []);
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { ConstraintName: "one_organisation_per_code" })
        {
            return new(null, new("Code", CodeInUse), sameNames);
        }
    }

    /// <summary>Changes how the organisation's people sign in, from their next request on.</summary>
    /// <param name="ways">"password" and providers' keys; null: every way that the service offers.</param>
    public Task<Result> ChangeSignInAsync(Actor actor, Guid organisationId, bool secondFactor, string[]? ways) =>
        db.InTransactionAsync(async () =>
        {
            await db.LockAsync(organisationId);
            if (await policy.RefuseForEveryoneAsync(actor, organisationId) is { } refusal)
            {
                return refusal;
            }

            var organisation = await db.Organisations.SingleAsync(o => o.Id == organisationId);
            if (organisation.SecondFactorRequired != secondFactor)
            {
                organisation.SecondFactorRequired = secondFactor;
                audit.Add(actor, new SecondFactorDemanded(secondFactor), organisationId);
            }

            var same = ways is null
                ? organisation.SignInMethods is null
                : ways.SequenceEqual(organisation.SignInMethods ?? [], StringComparer.Ordinal);
            if (!same)
            {
                organisation.SignInMethods = ways;
                audit.Add(actor, new SignInMethodsChanged(ways), organisationId);
            }

            return Result.Done;
        });

    /// <summary>
    /// Adds the organisation with this code, or updates it, in the caller's transaction. The same facts again change
    /// nothing.
    /// </summary>
    public async Task<ImportOutcome> ImportAsync(
        Actor actor,
        string name,
        string code,
        SortedDictionary<string, string> details
    )
    {
        var id = Guid.CreateVersion7();
        var facts = JsonSerializer.Serialize(details);
        var saved = await db
            .Database.SqlQuery<Guid>(
                $"""
                insert into organisations (id, name, code, details, created_at)
                values ({id}, {name}, {code}, {facts}::jsonb, {actor.Now})
                on conflict (lower(code)) do update
                  set name = excluded.name, code = excluded.code, details = excluded.details
                  where (organisations.name, organisations.code, organisations.details)
                    is distinct from (excluded.name, excluded.code, excluded.details)
                returning id
                """
            )
            .ToListAsync();
        if (saved.Count == 0)
        {
            return ImportOutcome.Unchanged;
        }

        var isNew = saved[0] == id;
        Event imported = isNew
            ? new OrganisationCreated(name, code, details)
            : new OrganisationImported(name, code, details);
        audit.Add(actor, imported, saved[0]);
        await db.SaveChangesAsync();
        return isNew ? ImportOutcome.Added : ImportOutcome.Changed;
    }
}

/// <summary>What naming an organisation came to: saved, refused, or a question about others of the same name.</summary>
/// <param name="Organisation">As it is now; null when nothing was saved.</param>
/// <param name="Refusal">What is wrong with the name or the code.</param>
/// <param name="SameNames">Others of the same name, to ask about.</param>
internal sealed record NamingOutcome(
    Organisation? Organisation,
    Refusal? Refusal,
    IReadOnlyList<Organisation> SameNames
) : IResult;

internal enum ImportOutcome
{
    Added,
    Unchanged,
    Changed,
}
