using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;

namespace Rollcall.Users.Invite;

/// <summary>Lists that have been entered but not sent. Only the person who entered one sees it.</summary>
internal static class UnsentLists
{
    /// <summary>Of one person. A list can be megabytes, so the oldest gives way to the next one.</summary>
    public const int Most = 3;

    private static readonly JsonSerializerOptions AsColumns = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

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

    /// <summary>Saves the list: one statement for the lines, however many there are.</summary>
    public static Task SaveAsync(Db db, InvitationList list, List<InvitationLine> lines) =>
        db.InTransactionAsync(async () =>
        {
            db.Add(list);
            await db.SaveChangesAsync();
            var json = JsonSerializer.Serialize(lines, AsColumns);
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into invitation_lines (
                  organisation_id, list_id, position, line, text, email, email_key, first_name, last_name, role,
                  service_areas, problem, suggestion, repeats_line)
                select organisation_id, list_id, position, line, text, email, email_key, first_name, last_name, role,
                  service_areas, problem, suggestion, repeats_line
                from jsonb_populate_recordset(null::invitation_lines, {json}::jsonb)
                """
            );
            await db.LockUnsentListsOfAsync(list.ByUser);
            await db.Database.ExecuteSqlAsync(
                $"""
                delete from invitation_lists
                where by_user = {list.ByUser} and confirmed_at is null and (organisation_id, id) in (
                  select organisation_id, id from invitation_lists
                  where by_user = {list.ByUser} and confirmed_at is null
                  order by created_at desc, id desc offset {Most})
                """
            );
            return Result.Done;
        });

    /// <summary>Another access for the same lines.</summary>
    public static Task ChangeAsync(Db db, InvitationList list, Access access) =>
        db
            .InvitationLists.Where(b =>
                b.OrganisationId == list.OrganisationId && b.Id == list.Id && b.ConfirmedAt == null
            )
            .ExecuteUpdateAsync(b =>
                b.SetProperty(x => x.Role, access.Role).SetProperty(x => x.ServiceAreas, access.Areas)
            );
}
