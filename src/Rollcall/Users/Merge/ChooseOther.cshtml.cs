using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users.Merge;

/// <summary>Support says which other record is for the same person.</summary>
internal sealed class ChooseOtherModel(Db db) : PageModel
{
    [BindProperty]
    public string? Email { get; set; }

    public User Person { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation) =>
        await OpenAsync(userId, cancellation) ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        var (address, error) = EmailAddress.Check(Email);
        var other = address is null
            ? null
            : await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.EmailKey == address.Key, cancellation);
        if (other is not null && other.Id != userId)
        {
            return Redirect(Links.Merge(userId, other.Id));
        }

        error ??= other is null
            ? "No one has this email address. Check it, or find the record in the list of all users"
            : "Enter the other email address. This record already has this one";
        ModelState.AddModelError(nameof(Email), error);
        return Page();
    }

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        var person = await db
            .Users.AsNoTracking()
            .SingleOrDefaultAsync(u => u.Id == userId && u.MergedInto == null, cancellation);
        Person = person!;
        return person is not null;
    }
}
