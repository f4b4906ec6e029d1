using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.TermsAndConditions;

/// <summary>The last step of publishing: the text as everyone will see it.</summary>
internal sealed class CheckTermsModel(Db db, Drafts drafts, Terms terms, Current current, Banner banner) : PageModel
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

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid draftId,
        [FromForm] string? shown,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await drafts.LockAsync<NewTerms>(draftId, null, cancellation) is not var (draft, answers))
        {
            return Redirect(Links.PublishTerms());
        }

        if (draft.CompletedAt is not null) // a second click, or Back and once more
        {
            return Published();
        }

        if (shown != Drafts.Shown(draft))
        {
            return Redirect(Links.CheckTerms(draftId)); // to look at what it is now
        }

        var published = (await terms.PublishAsync(current.Actor, answers.Markdown)).Value;
        if (published is null)
        {
            return Redirect(Links.PublishTerms(draftId)); // which says why
        }

        draft.CompletedAt = current.Now;
        draft.ResultId = published.Id;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return Published();
    }

    private RedirectResult Published() =>
        Redirect(
            banner.Then(Links.TermsVersions, "The new version has been published. Everyone will be asked to accept it.")
        );
}
