using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Security;

/// <summary>The second factors that a person has.</summary>
/// <param name="Mobile">The number that codes are texted to; null if they are not.</param>
internal sealed record SecondFactors(bool Authenticator, string? Mobile, bool Email, int Passkeys, int RecoveryCodes)
{
    /// <summary>Whether a second factor is needed to sign in.</summary>
    public bool Any => Authenticator || Mobile is not null || Email || Passkeys > 0;

    /// <summary>Whether a second factor is left without this kind. Recovery codes alone are none.</summary>
    public bool AnyBut(SecondFactorKind kind) =>
        SecondFactorKind.All.Any(other => other != kind && other != SecondFactorKind.Recovery && other.IsIn(this));

    /// <summary>
    /// Codes by email do not count for support staff, even if they were set up before: their mailbox alone must not
    /// open everything.
    /// </summary>
    public static async Task<SecondFactors> OfAsync(Db db, User user, CancellationToken cancellation)
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

    private sealed record Counts(int Authenticators, int Passkeys, int RecoveryCodes);
}
