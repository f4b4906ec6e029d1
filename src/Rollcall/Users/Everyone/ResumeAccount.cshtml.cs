using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Users.Pause;
using Rollcall.Web;

namespace Rollcall.Users.Everyone;

/// <summary>Undoes <see cref="PauseAccountModel"/>.</summary>
internal sealed class ResumeAccountModel(Db db, PauseMember pauseMember, Current current, Banner banner) : PageModel
{
    [BindProperty]
    public string? Reason { get; set; }

    public User Person { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation) =>
        !await OpenAsync(userId, cancellation) ? NotFound()
        : Person.PausedAt is not null ? Page()
        : Redirect(Links.Person(userId));

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        var reason = PlainText.OneLine(Reason);
        if (reason.Length > PauseModel.MostWords)
        {
            ModelState.AddModelError(nameof(Reason), $"Reason must be {PauseModel.MostWords} characters or fewer");
            return Page();
        }

        var result = await pauseMember.SetAccountAsync(
            current.Actor,
            userId,
            paused: false,
            reason.Length == 0 ? null : reason
        );
        if (result.Refusal is null)
        {
            return Redirect(banner.Then(Links.Person(userId), $"{Person.DisplayName}’s account has been resumed."));
        }

        ModelState.AddModelError("", result.Refusal.Message);
        return Page();
    }

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        var found = await db
            .Users.AsNoTracking()
            .SingleOrDefaultAsync(u => u.Id == userId && u.MergedInto == null, cancellation);
        Person = found!;
        return found is not null;
    }
}
