using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Rollcall.Account;
using Rollcall.Data;
using Rollcall.Dev;
using Rollcall.Emails;
using Rollcall.Operations;
using Rollcall.Organisations;
using Rollcall.Security;
using Rollcall.SignIn;
using Rollcall.SignIn.Providers;
using Rollcall.Web;

namespace Rollcall;

/// <summary>
/// Adds Rollcall to an ASP.NET Core application: call <c>AddRollcall</c>, <c>UseRollcall</c> and <c>MapRollcall</c>.
/// </summary>
public static class RollcallApplication
{
    /// <summary>Adds Rollcall's services.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">
    /// The application's configuration. Its <c>Rollcall</c> section is bound to <see cref="RollcallOptions"/>.
    /// </param>
    /// <param name="connectionString">The PostgreSQL database, which may hold other tables too.</param>
    /// <exception cref="OptionsValidationException">
    /// A key in the <c>Rollcall</c> section is unknown, or a value has the wrong type. Other invalid settings are
    /// reported when the application starts.
    /// </exception>
    public static IServiceCollection AddRollcall(
        this IServiceCollection services,
        IConfiguration configuration,
        string connectionString
    )
    {
        RollcallOptionsSpelling.Check(configuration);
        services.AddOptions<RollcallOptions>().Bind(configuration.GetSection("Rollcall")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RollcallOptions>, RollcallOptionsCheck>();
        services.AddDatabase(connectionString);
        services.AddSecurity();
        services.AddEmails();
        services.AddWeb();

        // Users and organisations
        services.AddScoped<AuditLog>();
        services.AddScoped<MemberPolicy>();
        services.AddScoped<AddMember>();
        services.AddScoped<ChangeDetails>();
        services.AddScoped<RemoveMember>();
        services.AddScoped<PauseMember>();
        services.AddScoped<ChangeAccess>();
        services.AddScoped<AccessReviews>();
        services.AddScoped<MergeUsers>();
        services.AddScoped<OrganisationSettings>();
        services.AddScoped<ServiceAreas>();
        services.AddScoped<SupportTeam>();
        services.AddScoped<Terms>();
        services.AddScoped<SecretRotation>();

        // Invitations
        services.AddScoped<Invitations>();
        services.AddScoped<BulkInvitations>();
        services.AddScoped<BulkSending>();
        services.AddScoped<ResendExpired>();
        services.AddScoped<InvitationReminders>();
        services.AddHostedService<Reminders>();

        // Registering, and changing one's own account
        services.AddScoped<Registration>();
        services.AddScoped<AccountDetails>();
        services.AddScoped<PasswordResets>();
        services.AddScoped<PasswordRules>();
        services.AddScoped<CurrentPassword>();
        services.AddScoped<PasskeySetUp>();
        services.AddScoped<SecondFactorSetUp>();
        services.AddScoped<NewSecondFactorForm>();
        services.AddScoped<NewSecondFactorCheck>();
        services.AddScoped<SendCode>();
        services.AddSingleton<MobileQuestion>();
        services.AddSingleton<TextMessages>();

        // Signing in with a password or passkey
        services.AddScoped<SignIns>();
        services.AddScoped<SignInRepair>();
        services.AddScoped<RefusedSignIns>();
        services.AddScoped<PasswordCheck>();
        services.AddScoped<PasskeyCheck>();
        services.AddScoped<PendingSignIns>();
        services.AddScoped<SecondFactorStep>();
        services.AddScoped<SecondFactorCheck>();
        services.AddScoped<SecondFactorVerifier>();
        services.AddScoped<CompleteSignIn>();

        // Signing in with a provider
        services.AddScoped<ProviderSignIn>();
        services.AddScoped<ProviderAccounts>();
        services.AddScoped<ProviderProfile>();
        services.AddScoped<ConnectProvider>();
        services.AddProviders(configuration);

        // Pages
        services.AddScoped<JoinOnFirstVisit>();
        services.AddRazorPages(pages =>
            pages.Conventions.AddAreaFolderApplicationModelConvention(
                "Rollcall",
                "/",
                page =>
                {
                    page.Filters.Add(new ServiceFilterAttribute<Gate> { Order = int.MinValue });
                    page.Filters.Add(new ServiceFilterAttribute<ConcurrentChangeLimit>());
                    page.Filters.Add(new ServiceFilterAttribute<JoinOnFirstVisit> { Order = int.MinValue + 1 });
                }
            )
        );
        return services;
    }

    /// <summary>
    /// Adds Rollcall's headers, error pages and sign-in to the pipeline. Call it before any middleware that answers
    /// requests.
    /// </summary>
    public static IApplicationBuilder UseRollcall(this IApplicationBuilder app)
    {
        var proxies = app.ApplicationServices.GetRequiredService<Proxies>();
        app.ApplicationServices.GetRequiredService<IHostApplicationLifetime>()
            .ApplicationStarted.Register(proxies.WarnIfOneIsMissing);
        // Read at startup, so that a bad file is found then.
        app.ApplicationServices.GetRequiredService<OwnPrivacyText>();
        if (!proxies.IsCalledAlready)
        {
            app.UseForwardedHeaders();
        }

        app.UseMiddleware<Headers>();
        app.UseExceptionHandler(
            new ExceptionHandlerOptions { ExceptionHandlingPath = "/error", StatusCodeSelector = Failures.StatusCode }
        );
        app.UseStatusCodePagesWithReExecute("/error/{0}");
        app.UseMiddleware<Hosts>();
        app.UseMiddleware<SameSite>();
        if (app.ApplicationServices.GetRequiredService<IOptions<RollcallOptions>>().Value.Branding == Branding.Generic)
        {
            // The crown and the font are licensed to GOV.UK services only.
            app.Map("/_content/Rollcall/govuk", notOurs => notOurs.Run(NotFoundAsync));
        }
        // Static files need no session, so that the error page is styled even while the database is away.
        app.UseWhen(
            http => !http.Request.Path.StartsWithSegments("/_content", StringComparison.Ordinal),
            pages => pages.UseAuthentication()
        );
        return app;
    }

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>Maps Rollcall's pages, static files and health checks.</summary>
    public static IEndpointRouteBuilder MapRollcall(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapStaticAssets();
        endpoints.MapRazorPages().WithStaticAssets();
        endpoints.MapHealth();
        endpoints.MapDevelopment();
        return endpoints;
    }

    /// <summary>
    /// Migrates the database to this version, and checks that this instance fits it. Safe to run on several instances
    /// at once, and while an older version is running.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="ownerConnectionString">
    /// The connection string of the role that owns the tables. That role grants the role of <see cref="AddRollcall"/>
    /// the rights it needs. Null if one role does both.
    /// </param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="StartException">The application cannot run on this database. The message says why.</exception>
    public static Task MigrateRollcallAsync(
        this IServiceProvider services,
        string? ownerConnectionString = null,
        CancellationToken cancellation = default
    ) => services.GetRequiredService<DatabaseSetUp>().RunAsync(ownerConnectionString, cancellation);
}
