using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What signing in changes, whichever way it was done. The cookie is the door's business.</summary>
internal sealed class SigningIn(Db db, Recording recording)
{
    /// <summary>Why this person cannot sign in, or null.</summary>
    public static Refusal? Refuse(User user) => user.PausedAt is null ? null : new(null, "Your account is paused");

    public async Task SignInAsync(User user, DateTimeOffset now, CancellationToken cancellation)
    {
        var viewer = new Viewer(user.Id, user.DisplayName, user.Email, user.SupportSince is not null, []);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await db.Users.Where(u => u.Id == user.Id && u.RegisteredAt == null).ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, now), cancellation) == 1)
            recording.Add(AuditKinds.Registered, viewer, now, null, user.Id);
        user.LastSignedInAt = now;
        recording.Add(AuditKinds.SignedIn, viewer, now, null, user.Id);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
