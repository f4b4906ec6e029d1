using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>What a check of email address and password came to.</summary>
/// <param name="User">Whose password it is; null when it is wrong or was not looked at.</param>
/// <param name="Account">Who has the address, right or wrong, for the record.</param>
/// <param name="Counted">Whether the password was looked at.</param>
internal sealed record PasswordAnswer(User? User, Guid? Account, bool Counted);

/// <summary>
/// Checks a password. Every try is counted before it is looked at, on the account and on the network. Where the account
/// has signed in before, tries are counted on that device alone: strangers' guesses do not keep the owner out.
/// </summary>
internal sealed class PasswordCheck(
    Db db,
    Passwords passwords,
    Throttle throttle,
    KnownDevice device,
    IHttpContextAccessor accessor
)
{
    public async Task<PasswordAnswer> CheckAsync(EmailAddress address, string password, CancellationToken cancellation)
    {
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.EmailKey == address.Key, cancellation);
        var known = user is null ? null : device.Of(user);
        // Two counters: one account from any network, and one network at any account.
        var network = Network.Of(accessor.HttpContext!);
        var counted = known is not null
            ? await throttle.TryKnownAsync(Tries.Account, known, user!.Id, cancellation)
            : await throttle.TryAsync(Tries.Network, network, cancellation, Tries.FreeForNetwork)
                && await throttle.TryAsync(Tries.Account, address.Key, cancellation);
        var (right, rehashed) = passwords.Verify(counted ? user?.PasswordHash : null, password);
        if (!right || user is null)
        {
            return new(null, user?.Id, counted);
        }

        if (known is not null)
        {
            await throttle.ForgiveKnownAsync(Tries.Account, known, user.Id, cancellation);
        }
        else
        {
            await throttle.ForgiveAsync(Tries.Account, address.Key, cancellation);
            // An office where everyone knows their password is never blocked.
            await throttle.GiveBackAsync(Tries.Network, network, cancellation);
        }

        var verified = user.PasswordHash;
        if (
            rehashed is not null
            && await db
                .Users.Where(u => u.Id == user.Id && u.PasswordHash == verified)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, rehashed), cancellation) == 1
        )
        {
            user.PasswordHash = rehashed;
        }

        return new(user, user.Id, counted);
    }
}
