using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;

namespace Rollcall.Security;

internal static class SecurityServices
{
    /// <summary>Adds secrets and keys, and what checks passwords, codes and passkeys.</summary>
    public static void AddSecurity(this IServiceCollection services)
    {
        // Secrets and keys
        services.AddSingleton<Secret>();
        services.AddSingleton<SealedKeys>();
        services.AddSingleton<SharedKeys>();
        services.AddDataProtection().SetApplicationName("Rollcall");
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<SharedKeys, SealedKeys>(
                (keys, shared, @sealed) =>
                {
                    keys.XmlRepository = shared;
                    keys.XmlEncryptor = @sealed;
                }
            );

        // Passwords, codes and passkeys
        services.AddSingleton<Passwords>();
        services.AddSingleton<CommonPasswords>();
        services.AddSingleton<Throttle>();
        services.AddScoped<OneTimeCodes>();
        services.AddScoped<Authenticators>();
        services.AddScoped<RecoveryCodes>();
        services.AddPasskeys();
    }
}
