using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Web;

namespace Rollcall.Users.Add;

/// <summary>
/// The first step when support begins with the person. The organisation is chosen next; from there the journey is the
/// one that begins at an organisation.
/// </summary>
internal sealed class PersonFirstModel(Drafts drafts, Current current) : PageModel
{
    public PersonalDetails Person { get; private set; } = new();

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid? draftId, CancellationToken cancellation)
    {
        if (draftId is null)
        {
            return Page();
        }

        if (await drafts.OpenAsync<NewUser>(draftId.Value, null, cancellation) is not var (_, answers))
        {
            return Redirect(Links.AddPerson());
        }

        Person = answers.Person;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid? draftId,
        [FromForm(Name = "")] PersonalDetails person,
        CancellationToken cancellation
    )
    {
        Person = person;
        Person.Check(ModelState, current.Options.BlockedEmailDomains);
        if (!ModelState.IsValid)
        {
            return Page();
        }

        if (draftId is { } id && await drafts.OpenAsync<NewUser>(id, null, cancellation) is var (draft, _))
        {
            await drafts.ChangeAsync(draft, new NewUser(person), cancellation);
        }
        else
        {
            id = await drafts.StartAsync(new NewUser(person), null, cancellation);
        }

        return Redirect(Links.NewPersonsOrganisation(id));
    }
}
