using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.TermsAndConditions;

/// <summary>The draft of the next version.</summary>
internal sealed record NewTerms(string Markdown);

/// <summary>Writes the next version. Continue keeps it in a draft and goes to <see cref="CheckTermsModel"/>.</summary>
internal sealed class PublishModel(Terms terms, Drafts drafts) : PageModel
{
    [BindProperty]
    public string? Markdown { get; set; }

    public string Back { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid? draftId, CancellationToken cancellation)
    {
        SetBack(draftId);
        if (draftId is null)
        {
            // Most new versions are the old one with a change.
            Markdown = (await terms.CurrentAsync(cancellation))?.Markdown;
            return Page();
        }

        if (await drafts.OpenAsync<NewTerms>(draftId.Value, null, cancellation) is not var (draft, answers))
        {
            return Redirect(Links.PublishTerms());
        }

        if (draft.CompletedAt is not null)
        {
            return Redirect(Links.TermsVersions);
        }

        Markdown = answers.Markdown;
        await CheckAsync(cancellation); // shows why the text could not be published
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid? draftId, CancellationToken cancellation)
    {
        SetBack(draftId);
        if (await CheckAsync(cancellation) is not { } text)
        {
            return Page();
        }

        if (
            draftId is { } id
            && await drafts.OpenAsync<NewTerms>(id, null, cancellation) is var (draft, _)
            && draft.CompletedAt is null
        )
        {
            await drafts.ChangeAsync(draft, new NewTerms(text), cancellation);
        }
        else
        {
            id = await drafts.StartAsync(new NewTerms(text), null, cancellation);
        }

        return Redirect(Links.CheckTerms(id));
    }

    /// <summary>The text as it would be published; null, with an error beside the field, when it cannot be.</summary>
    private async Task<string?> CheckAsync(CancellationToken cancellation)
    {
        var (text, problem) = TermsVersion.Check(Markdown);
        if (text is not null && !GovUkMarkdown.TryRender(text, out _, out problem))
        {
            text = null;
        }

        // Said early, as a kindness. The operation decides, at the end.
        if (text is not null && (await terms.CurrentAsync(cancellation))?.Markdown == text)
        {
            text = null;
            problem = Terms.SameText;
        }

        if (problem is not null)
        {
            ModelState.AddModelError(nameof(Markdown), problem);
        }

        return text;
    }

    private void SetBack(Guid? draftId) =>
        Back = draftId is null ? Links.TermsVersions : Links.CheckTerms(draftId.Value);
}
