using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Makes a security code and queues the email or text message that carries it.</summary>
internal sealed class SendCode(Db db, Secret secret, OneTimeCodes codes, Throttle throttle)
{
    public static readonly Refusal TooSoon = new("Code", "Wait a minute before you ask for another code");

    /// <param name="owner">
    /// What the code is bound to: the sign-in that waits, or the person who sets something up.
    /// </param>
    /// <param name="purpose">The only use that the code is good for.</param>
    /// <param name="mobile">Where to text it; null: by email to the user.</param>
    /// <param name="device">
    /// A device where the person signed in before. Codes that strangers asked for do not count there.
    /// </param>
    public Task<Result> SendAsync(
        Guid owner,
        string purpose,
        User user,
        string? mobile,
        DateTimeOffset now,
        string? device = null
    ) =>
        db.InTransactionAsync(async () =>
        {
            // Counted for all purposes and destinations together: a guessed password must not send a hundred texts.
            var counted = device is null
                ? throttle.TryAsync(Tries.CodesSent, user.Id.ToString(), CancellationToken.None, Tries.FreeCodesSent)
                : throttle.TryKnownAsync(Tries.CodesSent, device, user.Id, CancellationToken.None, Tries.FreeCodesSent);
            if (!await counted || await codes.IssueAsync(owner, purpose, CancellationToken.None) is not { } code)
            {
                return TooSoon;
            }

            var @sealed = Letterhead.Seal(secret, code);
            if (mobile is null)
            {
                Outbox.Enqueue(db, user, new CodeByEmail(@sealed), now);
            }
            else
            {
                Outbox.Enqueue(db, mobile, new CodeByText(@sealed), null, now);
            }

            return Result.Done;
        });
}
