using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Rollcall.Data;

/// <summary>
/// Watches what a request writes, so that the error page says "not saved" only when that is certain. If the connection
/// is lost after COMMIT, or after a write outside a transaction, the outcome is unknown.
/// </summary>
/// <remarks>
/// Writes over <see cref="NpgsqlDataSource"/> are not watched. Those are sessions, throttles and sign-in steps, which
/// can be repeated. A write that a form asks for goes through <see cref="Db"/>.
/// </remarks>
internal sealed class SaveWatch : DbCommandInterceptor, IDbTransactionInterceptor
{
    private bool saved;
    private bool underWay;

    /// <summary>Something was saved, or may have been.</summary>
    public bool MayHaveSaved => saved || underWay;

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction,
        TransactionEventData eventData,
        InterceptionResult result,
        CancellationToken cancellationToken = default
    )
    {
        underWay = true;
        return new(result);
    }

    public Task TransactionCommittedAsync(
        DbTransaction transaction,
        TransactionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        Done();
        return Task.CompletedTask;
    }

    public Task TransactionFailedAsync(
        DbTransaction transaction,
        TransactionErrorEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        Failed(eventData.Exception);
        return Task.CompletedTask;
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        Begin(command, eventData);
        return new(result);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default
    )
    {
        Begin(command, eventData);
        return new(result);
    }

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command,
        CommandExecutedEventData eventData,
        int result,
        CancellationToken cancellationToken = default
    )
    {
        Done();
        return new(result);
    }

    public override ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command,
        CommandExecutedEventData eventData,
        DbDataReader result,
        CancellationToken cancellationToken = default
    )
    {
        Done();
        return new(result);
    }

    public override Task CommandFailedAsync(
        DbCommand command,
        CommandErrorEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        Failed(eventData.Exception);
        return Task.CompletedTask;
    }

    /// <summary>A write within a transaction counts when the transaction commits.</summary>
    private void Begin(DbCommand command, CommandEventData about) =>
        underWay |=
            command.Transaction is null
            && about.CommandSource is not (CommandSource.LinqQuery or CommandSource.FromSqlQuery);

    private void Done()
    {
        saved = MayHaveSaved;
        underWay = false;
    }

    /// <summary>
    /// An error from the server means that nothing was saved. "FATAL" is different: it ends the connection, so the
    /// outcome is unknown.
    /// </summary>
    private void Failed(Exception problem) => underWay &= problem is not PostgresException { Severity: not "FATAL" };
}
