using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.Extensions.Logging;
using Rollcall.Operations;

namespace Rollcall.SignIn.Providers;

/// <summary>
/// Decides where people go when they come back from a provider, whether it worked or not: never to an error page, and
/// never straight back to the provider.
/// </summary>
internal sealed class ProviderEvents(CompleteProviderSignIn entrance, ILogger<ProviderEvents> log) : OAuthEvents
{
    /// <summary>
    /// The invitation whose link this browser opened, kept in the protected state. Only its ID: the link's token never
    /// leaves this service.
    /// </summary>
    public const string InvitationKey = "invitation";

    public override async Task TicketReceived(TicketReceivedContext context)
    {
        var properties = context.Properties!;
        var waiting = new PendingProviderSignIn(
            properties.GetParameter<ProviderIdentity>(ProviderHandler.IdentityKey)!,
            properties.GetParameter<string>(ProviderHandler.TokenKey)!,
            properties.Items.TryGetValue(InvitationKey, out var id) && id is not null ? Guid.Parse(id) : null,
            context.ReturnUri,
            default,
            null,
            null
        );
        context.Response.Redirect(await entrance.EnterAsync(context.HttpContext, waiting, agreed: false));
        context.HandleResponse();
    }

    public override Task AccessDenied(AccessDeniedContext context) =>
        BackAsync(context, "cancelled", context.Properties?.RedirectUri);

    public override Task RemoteFailure(RemoteFailureContext context)
    {
        var away = context.Failure is HttpRequestException or TaskCanceledException;
        log.LogWarning(
            "No one was signed in through {Scheme}: {Why}",
            context.Scheme.Name,
            away ? "it does not answer" : context.Failure?.Message
        );
        return BackAsync(context, away ? "unavailable" : "failed", context.Properties?.RedirectUri);
    }

    private static Task BackAsync(
        HandleRequestContext<RemoteAuthenticationOptions> context,
        string problem,
        string? returnUrl
    )
    {
        context.Response.Redirect(
            Links.SignInWith(((ProviderHandlerOptions)context.Options).Provider.Key, problem, returnUrl)
        );
        context.HandleResponse();
        return Task.CompletedTask;
    }
}
