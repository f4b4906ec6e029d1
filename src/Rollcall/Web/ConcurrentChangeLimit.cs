using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Rollcall.Web;

/// <summary>
/// Limits how many changes to one organisation run at once on each instance. The database serialises them anyway, and
/// each waits there with a connection: a hundred would leave none for other organisations.
/// </summary>
internal sealed class ConcurrentChangeLimit(DatabaseTimeouts timeouts) : IAsyncPageFilter, IDisposable
{
    private const int AtOnce = 4;

    private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(
        organisation =>
            RateLimitPartition.GetConcurrencyLimiter(
                organisation,
                _ => new() { PermitLimit = AtOnce, QueueLimit = int.MaxValue }
            )
    );

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(
        PageHandlerExecutingContext context,
        PageHandlerExecutionDelegate next
    )
    {
        var http = context.HttpContext;
        if (
            !HttpMethods.IsPost(http.Request.Method)
            || http.Request.RouteValues["organisationId"] is not string organisation
        )
        {
            await next();
            return;
        }

        using var permit = await WaitAsync(organisation.ToUpperInvariant(), http.RequestAborted);
        if (permit is null)
        {
            http.Features.Set(new Busy());
            context.Result = new StatusCodeResult(StatusCodes.Status409Conflict);
            return;
        }

        await next();
    }

    public void Dispose() => limiter.Dispose();

    /// <summary>Null if other changes took too long.</summary>
    private async Task<RateLimitLease?> WaitAsync(string organisation, CancellationToken aborted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        limit.CancelAfter(timeouts.OrganisationChange);

        try
        {
            return await limiter.AcquireAsync(organisation, 1, limit.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Tells the error page that other changes took too long.</summary>
    internal sealed record Busy;
}
