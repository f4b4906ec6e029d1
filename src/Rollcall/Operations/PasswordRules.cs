using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Says what a person's new password must be like, and what is wrong with the one they chose.</summary>
internal sealed class PasswordRules(Db db, Passwords passwords, IOptions<RollcallOptions> options)
{
    public async Task<string> HintAsync(User user, CancellationToken cancellation) =>
        Passwords.Hint((await SecondFactors.OfAsync(db, user, cancellation)).Any);

    /// <summary>What is wrong with a new password, in words, or null.</summary>
    public async Task<string?> ProblemAsync(User user, string? password, CancellationToken cancellation)
    {
        var hasSecondFactor = (await SecondFactors.OfAsync(db, user, cancellation)).Any;
        string?[] ownWords = [options.Value.ServiceName, user.FirstName, user.LastName, user.Email];
        return passwords.Problem(password, hasSecondFactor, ownWords);
    }

    public string Hash(string password) => passwords.Hash(password);
}
