using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Web;

namespace Rollcall.Users.Add;

/// <summary>The second step of adding a user: their role. Not asked where the viewer has one to give.</summary>
internal sealed class AccessModel(Drafts drafts, Current current) : PageModel
{
    [BindProperty]
    public string? Role { get; set; }

    public PersonalDetails Person { get; private set; } = new();
    public IReadOnlyList<Role> Choices { get; private set; } = [];
    public string Back { get; private set; } = "";

    public Task<IActionResult> OnGetAsync([FromRoute] Guid draftId, CancellationToken cancellation) => AnswerAsync(draftId, save: false, cancellation);

    public Task<IActionResult> OnPostAsync([FromRoute] Guid draftId, CancellationToken cancellation) => AnswerAsync(draftId, save: true, cancellation);

    private async Task<IActionResult> AnswerAsync(Guid draftId, bool save, CancellationToken cancellation)
    {
        var organisation = current.Organisation.Id;
        if (await drafts.OpenAsync<NewUser>(draftId, null, cancellation) is not var (draft, answers))
            return Redirect(Links.AddUser(organisation));
        if (draft.CompletedAt is not null)
            return Redirect(Links.User(organisation, draft.ResultId!.Value));
        Choices = current.Viewer.MayGive(organisation, current.Roles);
        if (Choices.Count == 1)
            return Redirect(Links.CheckNewUser(organisation, draftId));
        (Person, Back) = (answers.Person, answers.Role is null ? Links.AddUser(organisation, draftId) : Links.CheckNewUser(organisation, draftId));
        if (!save)
        {
            Role = answers.Role;
            return Page();
        }
        if (!Choices.Any(role => role.Key == Role))
        {
            ModelState.AddModelError(nameof(Role), $"Select what {Person.FirstName} {Person.LastName} can do");
            return Page();
        }
        await drafts.ChangeAsync(draft, answers with { Role = Role }, cancellation);
        return Redirect(Links.CheckNewUser(organisation, draftId));
    }
}
