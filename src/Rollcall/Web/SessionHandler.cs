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
) : SignOutAuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        try
        {
            var reading = Session.FindAsync(Context);
            var person = await (WithoutDatabase.Works(Context) ? reading.WaitAsync(timeouts.FindViewer) : reading);
            return person is null
                ? AuthenticateResult.NoResult()
                : AuthenticateResult.Success(new(new(new SignedInIdentity(person)), Session.Scheme));
        }
        catch (Exception e)
        {
            // Not thrown: the framework keeps the result for the whole request, and would throw again while the error
            // page is rendered.
            return AuthenticateResult.Fail(e);
        }
    }

    protected override Task HandleSignOutAsync(AuthenticationProperties? properties) => Session.EndAsync(Context);
}

/// <summary>The person behind the request's session. Forms are bound to the claim.</summary>
internal sealed class SignedInIdentity(SignedIn person)
    : ClaimsIdentity([new Claim("sub", person.Session.UserId.ToString())], Session.Scheme)
{
    public SignedIn Person => person;
}
