using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

internal static class ProviderServices
{
    /// <summary>
    /// Adds one handler for each provider in the settings. A provider is not contacted until a person signs in with it.
    /// </summary>
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
                        handler.ClientId = provider.ClientId;
                        handler.ClientSecret = provider.ClientSecret;
                        // The framework demands them now; Discovery finds the real ones.
                        handler.AuthorizationEndpoint = handler.TokenEndpoint = "https://discovered.invalid";
                        handler.UsePkce = true;
                        handler.RemoteAuthenticationTimeout = Cookies.ProviderLasts;
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
                        handler.CorrelationCookie = cookies.Apply(
                            new() { MaxAge = Cookies.ProviderLasts },
                            "provider-"
                        );
                    }
                );
        }
    }
}
