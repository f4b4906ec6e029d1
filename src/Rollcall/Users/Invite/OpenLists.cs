using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;

namespace Rollcall.Users.Invite;

/// <summary>Lists that are entered and not confirmed yet: each is its writer's alone.</summary>
internal static class OpenLists
{
    /// <summary>Of one person. A list can be megabytes, so the oldest gives way to the next one.</summary>
    public const int Most = 3;

    /// <summary>What an uploaded file is called on the page that keeps it.</summary>
    public static string NameOf(string file) =>
        PlainText.OneLine(file) is { Length: > 0 } name ? PlainText.Cut(name, 100) : "CSV file";

    public static Task<InvitationList?> FindAsync(
        Db db,
        Guid? list,
        Guid organisation,
        Guid writer,
        CancellationToken cancellation
    ) =>
        db
            .InvitationLists.AsNoTracking()
            .SingleOrDefaultAsync(
                b => b.Id == list && b.OrganisationId == organisation && b.ByUser == writer && b.ConfirmedAt == null,
                cancellation
            );

    /// <summary>In a transaction of its own; one statement for the lines, however many there are.</summary>
    public static async Task SaveAsync(
        Db db,
        InvitationList batch,
        List<InvitationLine> lines,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        db.Add(batch);
        await db.SaveChangesAsync(cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into invitation_lines (batch_id, position, line, text, email, email_key, first_name, last_name, problem, repeats_line, role, suggestion, service_areas)
            select {batch.Id}, w.position, w.line, w.text, w.email, w.email_key, w.first_name, w.last_name, w.problem, w.repeats_line, w.role, w.suggestion,
                   case when w.area is not null then array[w.area] end
            from unnest({lines.Select(l => l.Position).ToArray()}, {lines.Select(l => l.Line).ToArray()}, {lines.Select(
                l => l.Text
            ).ToArray()},
              {lines.Select(l => l.Email).ToArray()}, {lines.Select(l => l.EmailKey).ToArray()}, {lines.Select(l =>
                l.FirstName
            ).ToArray()},
              {lines.Select(l => l.LastName).ToArray()}, {lines.Select(l => l.Problem).ToArray()}, {lines.Select(l =>
                l.RepeatsLine
            ).ToArray()},
              {lines.Select(l => l.Role).ToArray()}, {lines.Select(l => l.Suggestion).ToArray()},
              {lines.Select(l => l.ServiceAreas is [var area, ..] ? area : (Guid?)null).ToArray()})
              as w (position, line, text, email, email_key, first_name, last_name, problem, repeats_line, role, suggestion, area)
            """,
            cancellation
        );
        await db.LockOpenListsOfAsync(batch.ByUser, cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            delete from invitation_batches where by_user = {batch.ByUser} and confirmed_at is null and id in (
              select id from invitation_batches where by_user = {batch.ByUser} and confirmed_at is null order by created_at desc, id desc offset {Most})
            """,
            cancellation
        );
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Another access for the same lines.</summary>
    public static Task ChangeAsync(Db db, Guid list, Access access, CancellationToken cancellation) =>
        db
            .InvitationLists.Where(b => b.Id == list && b.ConfirmedAt == null)
            .ExecuteUpdateAsync(
                b => b.SetProperty(x => x.Role, access.Role).SetProperty(x => x.ServiceAreas, access.Areas),
                cancellation
            );
}
