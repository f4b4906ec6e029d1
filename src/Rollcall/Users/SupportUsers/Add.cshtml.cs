using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.SupportUsers;

/// <summary>
/// The first step of adding a support user. Continue keeps the answers in a draft, for <see cref="CheckAnswersModel"/>.
/// </summary>
internal sealed class AddModel(Db db, Drafts drafts, Current current) : PageModel
{
    public PersonalDetails Person { get; private set; } = new();
    public string Back { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid? draftId, CancellationToken cancellation)
    {
        SetBack(draftId);
        if (draftId is null)
        {
            return Page();
        }

        if (await drafts.OpenAsync<PersonalDetails>(draftId.Value, null, cancellation) is not var (draft, answers))
        {
            return Redirect(Links.AddSupportUser());
        }

        if (draft.CompletedAt is not null)
        {
            return Redirect(Links.SupportUsers);
        }

        Person = answers;
        await CheckAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid? draftId,
        [FromForm(Name = "")] PersonalDetails person,
        CancellationToken cancellation
    )
    {
        SetBack(draftId);
        Person = person;
        await CheckAsync(cancellation);
        if (!ModelState.IsValid)
        {
            return Page();
        }

        if (
            draftId is { } id
            && await drafts.OpenAsync<PersonalDetails>(id, null, cancellation) is var (draft, _)
            && draft.CompletedAt is null
        )
        {
            await drafts.ChangeAsync(draft, person, cancellation);
        }
        else
        {
            id = await drafts.StartAsync(person, null, cancellation);
        }

        return Redirect(Links.CheckNewSupportUser(id));
    }

    private async Task CheckAsync(CancellationToken cancellation)
    {
        Person.Check(ModelState, current.Options.BlockedEmailDomains);
        if (!ModelState.IsValid || !EmailAddress.TryParse(Person.Email, out var email))
        {
            return;
        }

        // Said early, to help. The operation decides, behind the row's lock.
        var known = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.EmailKey == email.Key, cancellation);
        if (known?.SupportSince is not null)
        {
            ModelState.AddModelError(nameof(PersonalDetails.Email), SupportTeam.Already.Message);
        }
        else if (known?.PausedAt is not null)
        {
            ModelState.AddModelError(nameof(PersonalDetails.Email), SupportTeam.Paused.Message);
        }
    }

    private void SetBack(Guid? draftId) =>
        Back = draftId is null ? Links.SupportUsers : Links.CheckNewSupportUser(draftId.Value);
}
