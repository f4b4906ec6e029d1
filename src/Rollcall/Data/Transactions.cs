using Rollcall.Model;

namespace Rollcall.Data;

internal static class Transactions
{
    /// <summary>
    /// Runs <paramref name="work"/> in a transaction, saves and commits. A refusal rolls everything back. Within
    /// another operation's transaction it joins that one, which then decides.
    /// </summary>
    /// <remarks>A write that has begun is finished, even when the browser has gone: nothing here is
    /// cancelled.</remarks>
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
            db.ChangeTracker.Clear(); // what was changed before the refusal must not be saved later
        }

        return result;
    }
}
