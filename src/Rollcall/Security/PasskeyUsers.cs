using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Security;

/// <summary>
/// The users as the framework's passkey handler reads them. It writes nothing: see <see cref="Passkeys"/>.
/// </summary>
internal sealed class PasskeyUsers(Db db) : IUserPasskeyStore<User>
{
    /// <summary>
    /// The user handle that the authenticator stores. It contains nothing personal (WebAuthn Level 3, 14.6.1).
    /// </summary>
    public static string Handle(Guid user) => user.ToString("N");

    public Task<string> GetUserIdAsync(User user, CancellationToken cancellationToken) =>
        Task.FromResult(Handle(user.Id));

    public async Task<User?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        Guid.TryParseExact(userId, "N", out var id)
            ? await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancellationToken)
            : null;

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(User user, CancellationToken cancellationToken) =>
        [
            .. (await db.Passkeys.AsNoTracking().Where(p => p.UserId == user.Id).ToListAsync(cancellationToken)).Select(
                Info
            ),
        ];

    public Task<User?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        (from p in db.Passkeys where p.CredentialId == credentialId join u in db.Users on p.UserId equals u.Id select u)
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(
        User user,
        byte[] credentialId,
        CancellationToken cancellationToken
    ) =>
        await db
            .Passkeys.AsNoTracking()
            .SingleOrDefaultAsync(p => p.UserId == user.Id && p.CredentialId == credentialId, cancellationToken)
            is { } passkey
            ? Info(passkey)
            : null;

    // No attestation is requested, so there is no statement to store. Only passkeys that verified their user were
    // accepted, so isUserVerified is true.
    private static UserPasskeyInfo Info(Passkey p) =>
        new(
            p.CredentialId,
            p.PublicKey,
            p.CreatedAt,
            (uint)p.SignCount,
            p.Transports,
            isUserVerified: true,
            p.IsBackupEligible,
            p.IsBackedUp,
            [],
            []
        )
        {
            Name = p.Name,
        };

    public void Dispose() { }

    public Task AddOrUpdatePasskeyAsync(User user, UserPasskeyInfo passkey, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task RemovePasskeyAsync(User user, byte[] credentialId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<string?> GetUserNameAsync(User user, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetUserNameAsync(User user, string? userName, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<string?> GetNormalizedUserNameAsync(User user, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(User user, string? normalizedName, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(User user, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(User user, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(User user, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<User?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
