using System.Text;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.Users;

/// <summary>
/// The people of an organisation as CSV, in the order of the list. Read and written in batches, so memory is constant
/// and a slow client does not hold a connection to the database.
/// </summary>
/// <param name="only">Those that a search found; null for all.</param>
internal sealed class UsersCsv(Db db, Current current, MembershipStatus? status, Guid[]? only) : ActionResult
{
    private const int AtOnce = 2000;

    public override async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        var cancellation = context.HttpContext.RequestAborted;
        var organisation = current.Organisation;
        var roles = current.Roles;
        var activity = current.Viewer.IsSupport && current.Console.ShowsActivity;
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.ContentDisposition = "attachment; filename=users.csv";
        await response.Body.WriteAsync(Encoding.UTF8.Preamble.ToArray(), cancellation);
        var csv = new StringBuilder();
        Csv.Row(
            csv,
            [
                "First name",
                "Last name",
                "Email address",
                "Status",
                "Role",
                Capital(Organisation.Areas(organisation.AreaWord)),
                "Added",
                "Link works until",
                .. activity ? ["Last sign-in"] : Array.Empty<string>(),
            ]
        );
        for (UsersCsvRow? last = null; ; )
        {
            var people = await MemberList.ExportAsync(
                db,
                organisation.Id,
                status,
                only,
                last,
                AtOnce,
                current.Now,
                cancellation
            );
            foreach (var one in people)
            {
                var standing = one.Status(current.Now);
                Csv.Row(
                    csv,
                    [
                        one.FirstName,
                        one.LastName,
                        one.Email,
                        standing.ToString(),
                        roles.AreOne ? "" : roles.Find(one.Role)?.Name ?? "None",
                        one.Areas ?? "",
                        Uk.Sortable(one.AddedAt),
                        standing is MembershipStatus.Pending or MembershipStatus.Expired && one.ExpiresAt is { } until
                            ? Uk.Sortable(until)
                            : "",
                        .. activity ? [one.LastSignedInAt is { } at ? Uk.Sortable(at) : ""] : Array.Empty<string>(),
                    ]
                );
            }
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(csv.ToString()), cancellation);
            csv.Clear();
            if (people.Count < AtOnce)
            {
                return;
            }

            last = people[^1];
        }
    }

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}

/// <summary>One row of it.</summary>
/// <param name="SortName">With <paramref name="UserId"/>, the key of the next batch.</param>
internal sealed record UsersCsvRow(
    Guid UserId,
    string SortName,
    string? FirstName,
    string? LastName,
    string Email,
    DateTimeOffset? RegisteredAt,
    DateTimeOffset? AccountPausedAt,
    DateTimeOffset? PausedAt,
    DateTimeOffset? ExpiresAt,
    string Role,
    string? Areas,
    DateTimeOffset AddedAt,
    DateTimeOffset? LastSignedInAt
)
{
    public MembershipStatus Status(DateTimeOffset now) =>
        MembershipStatuses.Of(PausedAt, AccountPausedAt, RegisteredAt, ExpiresAt, now);
}
