using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.TermsAndConditions;

/// <summary>One version, old or current, as people saw it.</summary>
internal sealed class VersionModel(Db db) : PageModel
{
    public TermsVersion Version { get; private set; } = null!;
    public int Accepted { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] int number, CancellationToken cancellation)
    {
        if (
            await db.TermsVersions.AsNoTracking().SingleOrDefaultAsync(t => t.Number == number, cancellation)
            is not { } version
        )
        {
            return NotFound();
        }

        Version = version;
        Accepted = await db.TermsAcceptances.CountAsync(a => a.VersionId == version.Id, cancellation);
        return Page();
    }
}
