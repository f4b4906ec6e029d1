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

    /// <summary>Whether this way needs a code to be sent first.</summary>
    public static bool IsSent(string way) => way is Text or Email;

    /// <summary>
    /// Codes by email do not count for support staff, even if they were set up before: their mailbox alone must not
    /// open everything.
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

    private sealed record Counts(int Authenticators, int Passkeys, int RecoveryCodes);
}
