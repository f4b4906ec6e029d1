using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

internal static class ProviderServices
{
    /// <summary>How long somebody may take at the provider before they must begin again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>One handler per provider of the settings. Nothing is asked of a provider before somebody signs in through it.</summary>
    public static void AddProviders(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddSingleton<Discovery>()
            .AddScoped<ProviderEvents>()
            .AddScoped<ProviderIdentities>()
            .AddScoped<CompleteProviderSignIn>()
            .AddSingleton<SealedTokens>()
            .AddScoped<ProviderSignOut>();
        foreach (var provider in ProviderOptions.In(configuration).DistinctBy(p => p.Key, StringComparer.Ordinal))
        {
            var scheme = SignInMethods.Provider(provider.Key);
            services
                .AddAuthentication()
                .AddOAuth<ProviderHandlerOptions, ProviderHandler>(
                    scheme,
                    handler =>
                    {
                        handler.Provider = provider;
                        handler.CallbackPath = provider.CallbackPath;
                        (handler.ClientId, handler.ClientSecret) = (provider.ClientId, provider.ClientSecret);
                        handler.AuthorizationEndpoint = handler.TokenEndpoint = "https://discovered.invalid"; // the framework wants them at once; see Discovery
                        handler.UsePkce = true;
                        handler.RemoteAuthenticationTimeout = Patience;
                        handler.SignInScheme = Session.Scheme;
                        handler.EventsType = typeof(ProviderEvents);
                        handler.Scope.Clear();
                        foreach (var scope in provider.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                        {
                            handler.Scope.Add(scope);
                        }
                    }
                );
            services
                .AddOptions<ProviderHandlerOptions>(scheme)
                .Configure<Cookies, Discovery>(
                    (handler, cookies, discovery) =>
                    {
                        handler.Backchannel = discovery.Http;
                        handler.CorrelationCookie = cookies.Apply(new() { MaxAge = Patience }, "provider-");
                    }
                );
        }
    }
}
