using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;

namespace Rollcall.TermsAndConditions;

/// <summary>The current version, for anyone.</summary>
internal sealed class TermsModel(Terms terms) : PageModel
{
    public TermsVersion? Version { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation) => Version = await terms.CurrentAsync(cancellation);
}
