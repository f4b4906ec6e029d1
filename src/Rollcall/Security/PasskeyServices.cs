using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Security;

/// <summary>Adds passkeys, and sets up the framework's handler, which checks them.</summary>
internal static class PasskeyServices
{
    public static void AddPasskeys(this IServiceCollection services)
    {
        services.AddScoped<Passkeys>();
        services.AddSingleton<PasskeyChallenges>();
        services.AddScoped(provider =>
            Handler(
                provider.GetRequiredService<Db>(),
                provider.GetRequiredService<IOptions<RollcallOptions>>().Value.PublicBaseUrl,
                provider.GetRequiredService<ILogger<UserManager<User>>>()
            )
        );
    }

    /// <param name="address">Where people use the service: a passkey works for this host only.</param>
    internal static IPasskeyHandler<User> Handler(Db db, Uri address, ILogger<UserManager<User>> log)
    {
        // Of Identity, the handler only needs a UserManager that finds people.
        var people = new UserManager<User>(
            new PasskeyUsers(db),
            Options.Create(new IdentityOptions()),
            null!,
            [],
            [],
            null!,
            new(),
            null!,
            log
        );
        var origin = $"{address.Scheme}://{address.IdnHost}{(address.IsDefaultPort ? "" : $":{address.Port}")}";
        var options = new IdentityPasskeyOptions
        {
            ServerDomain = address.IdnHost,
            ValidateOrigin = asked => ValueTask.FromResult(asked.Origin == origin && !asked.CrossOrigin),
            UserVerificationRequirement = "required",
            ResidentKeyRequirement = "required", // can be found without an email address
            AttestationConveyancePreference = "none",
        };
        return new PasskeyHandler<User>(people, Options.Create(options));
    }
}
