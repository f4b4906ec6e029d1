using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>Tells ASP.NET Core's authentication who is behind <see cref="Session"/>.</summary>
internal sealed class SessionHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    DatabaseTimeouts timeouts
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        try
        {
            var reading = Session.FindAsync(Context);
            var person = await (WithoutDatabase.Works(Context) ? reading.WaitAsync(timeouts.FindViewer) : reading);
            return person is null ? AuthenticateResult.NoResult() : AuthenticateResult.Success(TicketOf(person));
        }
        catch (Exception e)
        {
            // Not thrown: the framework keeps the result for the whole request, and would throw again while the error
            // page is rendered.
            return AuthenticateResult.Fail(e);
        }
    }

    /// <summary>The person travels beside the principal, which a host may replace by one of its own making.</summary>
    private static AuthenticationTicket TicketOf(SignedIn person)
    {
        // Forms are bound to this claim.
        var claim = new Claim("sub", person.Session.UserId.ToString());
        var properties = new AuthenticationProperties();
        properties.SetParameter(nameof(SignedIn), person);
        return new(new(new ClaimsIdentity([claim], Session.Scheme)), properties, Session.Scheme);
    }
}
