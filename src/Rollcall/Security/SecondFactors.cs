using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Security;

/// <summary>A person's second factors.</summary>
/// <param name="Mobile">The number that codes are texted to; null if they are not.</param>
internal sealed record SecondFactorMethods(
    bool Authenticator,
    string? Mobile,
    bool Email,
    int Passkeys,
    int RecoveryCodes
)
{
    /// <summary>Whether a second factor is needed to sign in.</summary>
    public bool Any => Authenticator || Mobile is not null || Email || Passkeys > 0;
}

/// <summary>Finds a person's second factors, and names them in URLs and forms.</summary>
internal sealed class SecondFactors(Db db)
{
    public const string Authenticator = "authenticator",
        Text = "text",
        Email = "email",
        Passkey = "passkey",
        Recovery = "recovery";

    /// <summary>
    /// Codes by email do not count for support users, even if set up earlier: a mailbox alone must not open everything.
    /// </summary>
    public async Task<SecondFactorMethods> OfAsync(User user, CancellationToken cancellation)
    {
        var counts = (
            await db
                .Database.SqlQuery<Counts>(
                    $"""
                    select (select count(*) from authenticators where user_id = {user.Id})::int as "Authenticators",
                           (select count(*) from passkeys where user_id = {user.Id})::int as "Passkeys",
                           (select count(*) from recovery_codes where user_id = {user.Id})::int as "RecoveryCodes"
                    """
                )
                .ToListAsync(cancellation)
        )[0];
        return new(
            counts.Authenticators > 0,
            user.MobileConfirmedAt is null ? null : user.Mobile,
            user.EmailCodes && user.SupportSince is null,
            counts.Passkeys,
            counts.RecoveryCodes
        );
    }

    /// <summary>
    /// After a second factor is set up, ends sessions that began with the password alone, except the one that set it
    /// up.
    /// </summary>
    public static Task EndSessionsWithoutAsync(Db db, Guid user, Guid except, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync(
            $"delete from sessions where user_id = {user} and method = {SignInMethods.Password} and id <> {except}",
            cancellation
        );

    private sealed record Counts(int Authenticators, int Passkeys, int RecoveryCodes);
}
