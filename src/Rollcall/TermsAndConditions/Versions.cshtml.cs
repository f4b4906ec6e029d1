using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;

namespace Rollcall.TermsAndConditions;

/// <summary>Every version that was ever published, the current one first.</summary>
internal sealed class VersionsModel(Db db) : PageModel
{
    internal sealed record Row(int Number, DateTimeOffset PublishedAt, string? By);

    public IReadOnlyList<Row> Versions { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) =>
        Versions = await (
            from t in db.TermsVersions
            from u in db.Users.Where(u => u.Id == t.PublishedBy).DefaultIfEmpty()
            orderby t.Number descending
            select new Row(
                t.Number,
                t.PublishedAt,
                u == null ? null : PersonName.FullName(u.FirstName, u.LastName, u.Email)
            )
        ).ToListAsync(cancellation);
}
