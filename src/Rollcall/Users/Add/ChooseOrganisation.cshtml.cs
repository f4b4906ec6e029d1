using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Add;

/// <summary>
/// The second step when support began with the person: their organisation, found by name or code. From there the
/// journey is the usual one, at the role.
/// </summary>
internal sealed class ChooseOrganisationModel(Db db, Drafts drafts) : PageModel
{
    private const int MostShown = 20;

    public Guid DraftId { get; private set; }
    public PersonalDetails Person { get; private set; } = new();

    /// <summary>Where they belong already, when the address is known.</summary>
    public IReadOnlyList<string> BelongsTo { get; private set; } = [];

    public string Search { get; private set; } = "";
    public IReadOnlyList<Organisation> Found { get; private set; } = [];
    public bool More { get; private set; }

    [BindProperty]
    public Guid? OrganisationId { get; set; }

    public async Task<IActionResult> OnGetAsync(
        [FromRoute] Guid draftId,
        [FromQuery] string? search,
        CancellationToken cancellation
    ) => await OpenAsync(draftId, search, cancellation) is null ? Redirect(Links.AddPerson()) : Page();

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid draftId,
        [FromQuery] string? search,
        CancellationToken cancellation
    )
    {
        if (await OpenAsync(draftId, search, cancellation) is not { } answers)
        {
            return Redirect(Links.AddPerson());
        }

        var organisation = await db
            .Organisations.AsNoTracking()
            .SingleOrDefaultAsync(o => o.Id == OrganisationId, cancellation);
        if (organisation is null)
        {
            ModelState.AddModelError(nameof(OrganisationId), "Select an organisation");
            return Page();
        }

        if (
            EmailAddress.TryParse(answers.Person.Email, out var email)
            && await Disclosure.MemberAsync(db, organisation.Id, email, cancellation) is not null
        )
        {
            var words = $"{answers.Person.Email} already belongs to {organisation.Name}";
            ModelState.AddModelError(nameof(OrganisationId), words);
            return Page();
        }

        var draft = await drafts.StartAsync(answers, null, cancellation, organisation.Id);
        return Redirect(Links.NewUsersAccess(organisation.Id, draft));
    }

    private async Task<NewUser?> OpenAsync(Guid draftId, string? search, CancellationToken cancellation)
    {
        if (await drafts.OpenAsync<NewUser>(draftId, null, cancellation) is not var (_, answers))
        {
            return null;
        }

        DraftId = draftId;
        Person = answers.Person;
        Search = OrganisationSearch.Term(search);
        if (EmailAddress.TryParse(Person.Email, out var email))
        {
            BelongsTo = await db
                .Memberships.Where(m => m.RemovedAt == null && m.User.EmailKey == email.Key)
                .Select(m => m.Organisation.Name)
                .Order()
                .ToListAsync(cancellation);
        }

        if (Search.Length > 0)
        {
            var found = await db
                .Organisations.AsNoTracking()
                .Matching(Search)
                .OrderBy(o => o.Name)
                .ThenBy(o => o.Id)
                .Take(MostShown + 1)
                .ToListAsync(cancellation);
            Found = [.. found.Take(MostShown)];
            More = found.Count > MostShown;
        }

        return answers;
    }
}
