using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Rollcall.Data;

/// <summary>
/// Watches what a request writes, so that the page about a failure says "not saved" only where that is known. A
/// connection that is lost after COMMIT was sent, or after a write that needs none, leaves it open what the database
/// did.
/// </summary>
/// <remarks>
/// It does not see what is written over <see cref="NpgsqlDataSource"/>, and need not: those are sessions, throttles and
/// steps of signing in, which surround what a person is doing and can be done again. A write that a form asks for goes
/// through <see cref="Db"/>.
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

    /// <summary>Within a transaction a write counts when that commits.</summary>
    private void Begin(DbCommand command, CommandEventData about) =>
        underWay |=
            command.Transaction is null
            && about.CommandSource is not (CommandSource.LinqQuery or CommandSource.FromSqlQuery);

    private void Done() => (saved, underWay) = (MayHaveSaved, false);

    /// <summary>
    /// A server that answers with an error has saved nothing of it. "FATAL" is no answer: it ends the connection.
    /// </summary>
    private void Failed(Exception problem) => underWay &= problem is not PostgresException { Severity: not "FATAL" };
}
