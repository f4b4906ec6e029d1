using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>
/// Checks the viewer's current password. Every try is counted, on a known device there alone, as for signing in.
/// </summary>
internal sealed class CurrentPassword(
    Db db,
    Passwords passwords,
    Throttle throttle,
    KnownDevice device,
    Current current
)
{
    /// <summary>The viewer's account, tracked.</summary>
    public Task<User> OwnerAsync(CancellationToken cancellation) =>
        db.Users.SingleAsync(u => u.Id == current.Viewer.UserId, cancellation);

    public async Task<bool> IsRightAsync(User user, string typed, CancellationToken cancellation)
    {
        var counted = device.Of(user) is { } known
            ? await throttle.TryKnownAsync(Tries.Account, known, user.Id, cancellation)
            : await throttle.TryAsync(Tries.Account, user.EmailKey, cancellation);
        return passwords.Verify(counted ? user.PasswordHash : null, typed).Right;
    }

    /// <summary>Forgets the tries that came before the right password.</summary>
    public Task ForgiveAsync(User user, CancellationToken cancellation) =>
        device.Of(user) is { } known
            ? throttle.ForgiveKnownAsync(Tries.Account, known, user.Id, cancellation)
            : throttle.ForgiveAsync(Tries.Account, user.EmailKey, cancellation);

    /// <summary>Makes this browser a known device again: a new password has ended that.</summary>
    public void Remember(User user) => device.Remember(user.Id, signedIn: true);
}
