using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Merge;

/// <summary>Support sees what merging two records will do, says how they checked it, and merges them.</summary>
internal sealed class CheckMergeModel(MergeUsers mergeUsers, Current current, Banner banner) : PageModel
{
    public const int MostWords = 500;

    [BindProperty]
    public string? HowChecked { get; set; }

    public MergePlan Plan { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(
        [FromRoute] Guid userId,
        [FromRoute] Guid otherId,
        CancellationToken cancellation
    ) => await OpenAsync(userId, otherId, cancellation) ?? Page();

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid userId,
        [FromRoute] Guid otherId,
        [FromForm] string? seen,
        CancellationToken cancellation
    )
    {
        if (await OpenAsync(userId, otherId, cancellation) is { } elsewhere)
        {
            return elsewhere;
        }

        var words = PlainText.OneLine(HowChecked);
        if (words.Length == 0)
        {
            ModelState.AddModelError(nameof(HowChecked), "Enter how you checked they are the same person");
        }
        else if (words.Length > MostWords)
        {
            ModelState.AddModelError(nameof(HowChecked), $"How you checked must be {MostWords} characters or fewer");
        }

        if (!ModelState.IsValid || Plan.Refusal is not null)
        {
            return Page();
        }

        var result = await mergeUsers.MergeAsync(current.Actor, userId, otherId, seen ?? "", words);
        if (result.Value is { } merged)
        {
            var done = $"The records have been merged. {merged.DisplayName} signs in with {merged.Email}.";
            return Redirect(banner.Then(Links.Person(userId), done));
        }

        if (await OpenAsync(userId, otherId, cancellation) is { } elsewhereNow)
        {
            return elsewhereNow;
        }

        ModelState.Remove(nameof(seen)); // the form is filled with what is true now
        ModelState.AddModelError("", result.Refusal!.Message);
        return Page();
    }

    public string Access(MergedMembership here) =>
        string.Join(
            ", ",
            new[]
            {
                current.Roles.AreOne ? "" : current.Roles.Find(here.Role)?.Name ?? "None",
                here.Areas.Count == 0 ? "" : string.Join(", ", here.Areas.Select(a => a.Name)),
                here.Paused ? "paused" : "",
            }.Where(part => part.Length > 0)
        );

    public string Change(MergedMembership here) =>
        here switch
        {
            { Held: null } => $"From the record for {Plan.Gone.Email}",
            { Brought: null } => "No change",
            _ => "In both records",
        };

    /// <returns>Null when there is a merge to show; otherwise the answer to the request.</returns>
    private async Task<IActionResult?> OpenAsync(Guid kept, Guid gone, CancellationToken cancellation)
    {
        if (await mergeUsers.PlanAsync(kept, gone, cancellation) is not { } plan)
        {
            return NotFound();
        }

        Plan = plan;
        return plan.Gone.MergedInto == kept ? Redirect(Links.Person(kept)) : null; // a second click, or another tab
    }
}
