using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Adds, renames and removes the parts of an organisation that people may be limited to.</summary>
internal sealed class ServiceAreas(Db db, MemberPolicy policy, AuditLog audit, IOptions<RollcallOptions> options)
{
    /// <param name="word">What the organisation calls a service area; null: just that.</param>
    public Task<Result> ChangeWordAsync(Actor actor, Guid organisationId, string? word) =>
        ChangeAsync(
            actor,
            organisationId,
            async () =>
            {
                var organisation = await db.Organisations.SingleAsync(o => o.Id == organisationId);
                if (organisation.AreaWord == word)
                {
                    return Result.Unchanged;
                }

                organisation.AreaWord = word;
                audit.Add(actor, new AreaWordChosen(word), organisationId);
                return Result.Done;
            }
        );

    public Task<Result> AddAsync(Actor actor, Guid organisationId, string name) =>
        ChangeAsync(
            actor,
            organisationId,
            () =>
            {
                db.Add(
                    new ServiceArea
                    {
                        OrganisationId = organisationId,
                        Name = name,
                        CreatedAt = actor.Now,
                    }
                );
                return SaveNameAsync(actor, organisationId, from: null, to: name);
            }
        );

    public Task<Result> RenameAsync(Actor actor, Guid organisationId, Guid areaId, string name) =>
        ChangeAsync(
            actor,
            organisationId,
            async () =>
            {
                if (await FindAsync(organisationId, areaId) is not { } area)
                {
                    return new Refusal(null, "It has been removed");
                }

                var before = area.Name;
                if (before == name)
                {
                    return Result.Unchanged;
                }

                area.Name = name;
                return await SaveNameAsync(actor, organisationId, from: before, to: name);
            }
        );

    /// <summary>Removes a service area, unless <see cref="RefuseToRemoveAsync"/> forbids it.</summary>
    public Task<Result> RemoveAsync(Actor actor, Guid organisationId, Guid areaId) =>
        ChangeAsync(
            actor,
            organisationId,
            async () =>
            {
                if (await FindAsync(organisationId, areaId) is not { } area)
                {
                    return Result.Unchanged;
                }

                if (await RefuseToRemoveAsync(area, actor.Now, CancellationToken.None) is { } refusal)
                {
                    return refusal;
                }

                db.Remove(area);
                audit.Add(actor, new AreaRemoved(area.Name), organisationId);
                return Result.Done;
            }
        );

    /// <summary>Refuses while someone is limited to this area alone: no grants means every area.</summary>
    public async Task<Refusal?> RefuseToRemoveAsync(
        ServiceArea area,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var id = area.Id;
        var limited = db.Memberships.Where(m =>
            db.AccessGrants.Any(g =>
                g.OrganisationId == m.OrganisationId && g.MembershipId == m.Id && g.ServiceAreaId == id
            )
            && !db.AccessGrants.Any(g =>
                g.OrganisationId == m.OrganisationId && g.MembershipId == m.Id && g.ServiceAreaId != id
            )
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

        // A removal that can still be undone must bring the person back as limited as before.
        var minutes = options.Value.UndoMinutes;
        var since = now.AddMinutes(-minutes);
        return await limited.AnyAsync(m => m.RemovedAt > since, cancellation)
            ? new(
                null,
                $"Someone who could use {area.Name} and nothing else was removed a short while ago. "
                    + "Their removal can still be undone. "
                    + $"Try again in {(minutes == 1 ? "a minute" : $"{minutes} minutes")}"
            )
            : null;
    }

    /// <summary>Every change here concerns all people of the organisation.</summary>
    private Task<Result> ChangeAsync(Actor actor, Guid organisationId, Func<Task<Result>> change) =>
        db.InTransactionAsync(async () =>
        {
            await db.LockAsync(organisationId);
            return await policy.RefuseForEveryoneAsync(actor, organisationId) is { } refusal ? refusal : await change();
        });

    private Task<ServiceArea?> FindAsync(Guid organisationId, Guid areaId) =>
        db.ServiceAreas.SingleOrDefaultAsync(a => a.Id == areaId && a.OrganisationId == organisationId);

    private async Task<Result> SaveNameAsync(Actor actor, Guid organisationId, string? from, string to)
    {
        audit.Add(actor, new AreaNamed(from, to), organisationId);
        try
        {
            await db.SaveChangesAsync();
            return Result.Done;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { ConstraintName: "one_area_per_name" })
        {
            return new Refusal("Name", "There is already one with this name");
        }
    }
}
