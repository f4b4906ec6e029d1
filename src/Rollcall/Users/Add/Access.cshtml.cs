using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Add;

/// <summary>
/// The second step of adding a user: what they can do, and where. Skipped when there is nothing to choose.
/// </summary>
internal sealed class AccessModel(Drafts drafts, ChangeAccess changeAccess, Current current) : PageModel
{
    [BindProperty]
    public string? Role { get; set; }

    [BindProperty]
    public Guid[] Areas { get; set; } = [];

    public AccessForm Form { get; private set; } = null!;
    public string Back { get; private set; } = "";

    public Task<IActionResult> OnGetAsync([FromRoute] Guid draftId, CancellationToken cancellation) =>
        AnswerAsync(draftId, save: false, cancellation);

    public Task<IActionResult> OnPostAsync([FromRoute] Guid draftId, CancellationToken cancellation) =>
        AnswerAsync(draftId, save: true, cancellation);

    private async Task<IActionResult> AnswerAsync(Guid draftId, bool save, CancellationToken cancellation)
    {
        var organisation = current.Organisation.Id;
        if (await drafts.OpenAsync<NewUser>(draftId, null, cancellation) is not var (draft, answers))
        {
            return Redirect(Links.AddUser(organisation));
        }

        if (draft.CompletedAt is not null)
        {
            return Redirect(Links.User(organisation, draft.ResultId!.Value));
        }

        var offer = await changeAccess.OfferAsync(current.Viewer, organisation, cancellation);
        if (offer.AsksNothing)
        {
            return Redirect(Links.CheckNewUser(organisation, draftId));
        }

        Back = answers.Areas is null ? Links.AddUser(organisation, draftId) : Links.CheckNewUser(organisation, draftId);
        Form = new(
            offer,
            $"{answers.Person.FirstName} {answers.Person.LastName}",
            save ? Role : answers.Role,
            save ? Areas : answers.Areas ?? []
        );
        if (!save || Form.Check(ModelState) is not { } access)
        {
            return Page();
        }

        await drafts.ChangeAsync(draft, answers with { Role = access.Role, Areas = access.Areas }, cancellation);
        return Redirect(Links.CheckNewUser(organisation, draftId));
    }
}
