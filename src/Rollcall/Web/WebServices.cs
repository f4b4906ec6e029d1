using System.Text.Unicode;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.WebEncoders;

namespace Rollcall.Web;

internal static class WebServices
{
    /// <summary>Adds what every page shares.</summary>
    public static void AddWeb(this IServiceCollection services)
    {
        // Requests
        services.AddHttpContextAccessor();
        services.AddScoped<Current>();
        services.AddScoped<Gate>();
        services.AddSingleton<ConcurrentChangeLimit>();
        services.AddSingleton<DatabaseTimeouts>();
        services.AddSingleton<AfterAnswer>();
        services
            .AddSingleton<Proxies>()
            .AddSingleton<IConfigureOptions<ForwardedHeadersOptions>>(provider =>
                provider.GetRequiredService<Proxies>()
            );

        // Pages
        services.AddScoped<Drafts>();
        services.AddSingleton<Links>();
        services.AddSingleton<Banner>();
        services.AddSingleton<OwnPrivacyText>();
        // Names in any script are written as they are, which keeps pages short and readable. Characters that mean
        // something in HTML are still encoded.
        services.Configure<WebEncoderOptions>(encoder => encoder.TextEncoderSettings = new(UnicodeRanges.All));

        // Cookies and sessions
        services.AddSingleton<Cookies>();
        services.AddSingleton<KnownDevice>();
        services
            .AddAuthentication(Session.Scheme)
            .AddScheme<AuthenticationSchemeOptions, SessionHandler>(Session.Scheme, null);
        services
            .AddOptions<AntiforgeryOptions>()
            .Configure<Cookies>(
                (antiforgery, cookies) =>
                {
                    cookies.Apply(antiforgery.Cookie, "form");
                    antiforgery.SuppressXFrameOptionsHeader = true; // Headers sets a policy on every response.
                }
            );

        // Logs and old records
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, LinksStayOutOfLogs>();
        services.AddHostedService<Housekeeping>();
    }
}
