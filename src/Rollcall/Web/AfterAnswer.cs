using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollcall.Data;

namespace Rollcall.Web;

/// <summary>
/// Work that is done when the answer has left, so that neither the answer nor how long it takes tells whether an
/// address is known.
/// </summary>
internal sealed class AfterAnswer(IHttpContextAccessor accessor, IServiceScopeFactory scopes, ILogger<AfterAnswer> log)
{
    /// <summary>Each waits as long for a lock as the connection lets it.</summary>
    private const int Tries = 5;

    /// <param name="work">Gets a service of its own, because the request's are gone by then.</param>
    public void Do<TService>(Func<TService, Task> work)
        where TService : notnull =>
        accessor.HttpContext!.Response.OnCompleted(async () =>
        {
            for (var triesLeft = Tries; ; triesLeft--)
            {
                try
                {
                    // a new one for each try: what failed remembers its changes
                    await using var scope = scopes.CreateAsyncScope();
                    await work(scope.ServiceProvider.GetRequiredService<TService>());
                    return;
                }
                catch (Exception e) when (triesLeft > 1 && Faults.StatusCode(e) == StatusCodes.Status409Conflict)
                {
                    // Someone else held the lock, or two waited for each other. The page has already said "check your
                    // email".
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
