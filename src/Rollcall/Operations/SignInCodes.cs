using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Makes a code and queues the message that carries it, in one transaction: a code exists if and only if it is on its way.</summary>
internal sealed class SignInCodes(Db db, Secret secret, OneTimeCodes codes, Throttle throttle)
{
    /// <param name="owner">What the code is bound to: the sign-in that waits, or the person who sets something up.</param>
    /// <param name="purpose">What the code is good for, and nothing else.</param>
    /// <param name="mobile">Where to text it; null: by email to the user.</param>
    /// <param name="device">A device where the person signed in before: what others have sent does not count
    /// there.</param>
    /// <returns>False when one was sent a moment ago, or too many were.</returns>
    public async Task<bool> SendAsync(
        Guid owner,
        string purpose,
        User user,
        string? mobile,
        DateTimeOffset now,
        CancellationToken cancellation,
        string? device = null
    )
    {
        await using var transaction = db.Database.CurrentTransaction is null
            ? await db.Database.BeginTransactionAsync(cancellation)
            : null;
        // Whatever they are for and wherever they go: so that a password that was guessed sends nobody a hundred texts.
        if (
            !(
                device is null
                    ? await throttle.TryAsync(Tries.CodesSent, user.Id.ToString(), cancellation, Tries.FreeCodesSent)
                    : await throttle.TryKnownAsync(Tries.CodesSent, device, user.Id, cancellation, Tries.FreeCodesSent)
            ) || await codes.IssueAsync(owner, purpose, cancellation) is not { } code
        )
        {
            return false;
        }

        var @sealed = Letterhead.Seal(secret, code);
        if (mobile is not null)
        {
            Outbox.Enqueue(db, mobile, new CodeByText(@sealed), null, now);
        }
        else
        {
            Outbox.Enqueue(
                db,
                user.Email,
                new CodeByEmail(@sealed) { FirstName = user.FirstName, LastName = user.LastName },
                null,
                now
            );
        }

        await db.SaveChangesAsync(cancellation);
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellation);
        }

        return true;
    }
}
