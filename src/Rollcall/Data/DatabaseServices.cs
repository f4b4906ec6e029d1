using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using Rollcall.Security;

namespace Rollcall.Data;

internal static class DatabaseServices
{
    /// <summary>Adds the database, its clock and its migrations.</summary>
    public static void AddDatabase(this IServiceCollection services, string connectionString)
    {
        services.AddSingleton(provider => Connection.To(connectionString, provider.GetRequiredService<Secret>()));
        services.AddSingleton(provider => new Readiness(
            connectionString,
            provider.GetRequiredService<Secret>(),
            provider.GetRequiredService<DatabaseClock>()
        ));
        services.AddScoped<SaveWatch>();
        services.AddDbContext<Db>(
            (provider, db) =>
                db.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>())
                    .AddInterceptors(provider.GetRequiredService<SaveWatch>())
        );
        services.AddSingleton<Migrator>();
        services.AddSingleton<DatabaseSetUp>();

        services.AddSingleton(provider => new DatabaseClock(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<ILogger<DatabaseClock>>(),
            TimeProvider.System
        ));
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseClock>());
        services.TryAddSingleton<TimeProvider>(provider => provider.GetRequiredService<DatabaseClock>());
    }
}
