using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.TermsAndConditions;

/// <summary>The last step of publishing: the text as everyone will see it.</summary>
internal sealed class CheckTermsModel(Drafts drafts, Terms terms, Current current, Banner banner) : PageModel
{
    public Guid DraftId { get; private set; }
    public string Shown { get; private set; } = "";
    public IHtmlContent Preview { get; private set; } = HtmlString.Empty;

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid draftId, CancellationToken cancellation)
    {
        if (await drafts.OpenAsync<NewTerms>(draftId, null, cancellation) is not var (draft, answers))
        {
            return Redirect(Links.PublishTerms());
        }

        if (draft.CompletedAt is not null)
        {
            return Redirect(Links.TermsVersions);
        }

        DraftId = draftId;
        Shown = Drafts.Shown(draft);
        Preview = GovUkMarkdown.Render(answers.Markdown);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid draftId, [FromForm] string? shown)
    {
        var confirmed = await drafts.ConfirmAsync<NewTerms, TermsVersion>(
            draftId,
            null,
            shown,
            answers => terms.PublishAsync(current.Actor, answers.Markdown),
            version => version.Id
        );
        if (confirmed.Draft is null)
        {
            return Redirect(Links.CheckTerms(draftId)); // shows what it is now, or leads to a new draft
        }

        // The form says what is wrong.
        return confirmed.Refusal is null ? Published() : Redirect(Links.PublishTerms(draftId));
    }

    private RedirectResult Published() =>
        Redirect(
            banner.Then(Links.TermsVersions, "The new version has been published. Everyone will be asked to accept it.")
        );
}
