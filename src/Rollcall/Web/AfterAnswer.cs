using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollcall.Data;

namespace Rollcall.Web;

/// <summary>
/// Runs work after the response completes, so that neither the response nor its timing shows whether an address is
/// known.
/// </summary>
internal sealed class AfterAnswer(IHttpContextAccessor accessor, IServiceScopeFactory scopes, ILogger<AfterAnswer> log)
{
    /// <summary>Each try waits for a lock for as long as the connection allows.</summary>
    private const int Tries = 5;

    /// <param name="work">Gets its own service scope, because the request's scope has ended by then.</param>
    public void Do<TService>(Func<TService, Task> work)
        where TService : notnull =>
        accessor.HttpContext!.Response.OnCompleted(async () =>
        {
            for (var triesLeft = Tries; ; triesLeft--)
            {
                try
                {
                    // A new context for each try, because a failed one keeps its changes.
                    await using var scope = scopes.CreateAsyncScope();
                    await work(scope.ServiceProvider.GetRequiredService<TService>());
                    return;
                }
                catch (Exception e) when (triesLeft > 1 && Failures.StatusCode(e) == StatusCodes.Status409Conflict)
                {
                    // A lock timeout or a deadlock. The page has already said "check your email", so the work is tried
                    // again.
                }
                catch (Exception e)
                    when (Connection.IsFailure(e) || e is DbUpdateException or InvalidOperationException)
                {
                    log.LogError(e, "An email that someone asked for was not queued");
                    return;
                }
            }
        });
}
