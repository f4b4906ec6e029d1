using Rollcall.Model;

namespace Rollcall.Data;

internal static class Transactions
{
    /// <summary>
    /// Runs <paramref name="work"/> in a transaction, saves and commits; a refusal rolls everything back. Inside
    /// another operation's transaction, it joins that one, which then commits or rolls back.
    /// </summary>
    /// <remarks>Takes no cancellation token: a write that has begun is finished even if the browser has gone.</remarks>
    public static async Task<T> InTransactionAsync<T>(this Db db, Func<Task<T>> work)
        where T : IResult
    {
        if (db.Database.CurrentTransaction is not null)
        {
            return await work();
        }

        await using var transaction = await db.Database.BeginTransactionAsync();
        var result = await work();
        if (result.Refusal is null)
        {
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }
        else
        {
            db.ChangeTracker.Clear(); // changes made before the refusal must not be saved later
        }

        return result;
    }
}
