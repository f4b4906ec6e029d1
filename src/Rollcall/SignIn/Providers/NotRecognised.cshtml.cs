using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

/// <summary>The provider knows the person and this service does not: says which address was used, and helps somebody who was invited at another one.</summary>
internal sealed class NotRecognisedModel(Current current, ProvenIdentities proven, IServiceScopeFactory scopes, ILogger<NotRecognisedModel> log) : PageModel
{
    /// <summary>The address that the person says they were invited at.</summary>
    [BindProperty]
    public string? Email { get; set; }

    [FromQuery]
    public bool Sent { get; set; }

    public Waiting? Waiting { get; private set; }

    public ProviderOptions? Provider => current.Options.SignIn.Provider(Waiting?.Identity.Provider);

    public bool NotThisWay => Waiting?.Entry == Entry.NotThisWay;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        await ReadAsync(cancellation);
        return Sent || Provider is not null ? Page() : Redirect(Links.SignIn());
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        await ReadAsync(cancellation);
        if (Provider is null)
            return Redirect(Links.SignIn());
        var (address, error) = EmailAddress.Check(Email);
        if (address is null)
        {
            ModelState.AddModelError(nameof(Email), error!);
            return Page();
        }
        // Whether the address is known shows neither in the answer nor in how long it takes: the work is done when the answer has left.
        var now = current.Now;
        Response.OnCompleted(() => SendAsync(address, now));
        return Redirect(Links.NotRecognised + "?sent=true");
    }

    private async Task SendAsync(EmailAddress address, DateTimeOffset now)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<FindingInvitations>().SendAgainAsync(address, now, CancellationToken.None);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or Microsoft.EntityFrameworkCore.DbUpdateException or TimeoutException)
        {
            log.LogError(e, "An invitation was asked for and not sent again");
        }
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        Waiting = await proven.ReadAsync(cancellation);
        if (Waiting is { Entry: not (Entry.NotRecognised or Entry.NotThisWay) })
            Waiting = null;
    }
}
