using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Operations;

namespace Rollcall.Host;

/// <summary>
/// Makes someone a support user from the command line. This is how the first one is added, because only support users
/// can add support users. Running it again changes nothing.
/// </summary>
internal static class SupportUserCommand
{
    /// <param name="print">Whether to print the link even when an email is sent.</param>
    /// <returns>0 when the person is a support user, 1 when something has to be corrected first.</returns>
    public static async Task<int> RunAsync(
        IServiceProvider services,
        string name,
        string address,
        bool print,
        TextWriter output,
        CancellationToken cancellation = default
    )
    {
        await using var scope = services.CreateAsyncScope();
        var provider = scope.ServiceProvider;
        var options = provider.GetRequiredService<IOptions<RollcallOptions>>().Value;
        var (first, last, nameError) = Split(name);
        var (email, emailError) = EmailAddress.Check(address, options.BlockedEmailDomains);
        foreach (var error in new[] { nameError, emailError }.OfType<string>())
        {
            await output.WriteLineAsync(error);
        }

        if (email is null || nameError is not null)
        {
            return 1;
        }

        var db = provider.GetRequiredService<Db>();
        var now = provider.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var known = await db.Users.AsNoTracking().AnyAsync(u => u.EmailKey == email.Key, cancellation);
        var result = await provider.GetRequiredService<SupportTeam>().AddAsync(new(null, now), first, last, email);
        if (result.Refusal is not null && result.Refusal != SupportTeam.Already)
        {
            await output.WriteLineAsync(result.Refusal.Message);
            return 1;
        }

        var isNew = result.Refusal is null;
        await db.SaveChangesAsync(cancellation);
        var user = result.Value ?? await db.Users.SingleAsync(u => u.EmailKey == email.Key, cancellation);
        var who = $"{user.DisplayName} <{user.Email}>";
        if (user.RegisteredAt is not null || user.PausedAt is not null)
        {
            var standing = user.PausedAt is null ? ", and can sign in" : ", but their account is paused";
            await output.WriteLineAsync(
                isNew
                    ? $"{who} has an account and is a support user from now on. An email tells them."
                    : $"{who} is a support user already{standing}. Nothing was changed."
            );
        }
        else
        {
            await SayAsync(await LinkAsync(provider, user, now, cancellation), isNew, known);
        }

        await transaction.CommitAsync(cancellation);
        return 0;

        async Task SayAsync((Invitation Invitation, bool SentNow) link, bool added, bool wasKnown)
        {
            var until = link.Invitation.ExpiresAt is { } end ? $" until {Uk.DateAndTime(end)}" : "";
            await output.WriteLineAsync(
                added
                    ? $"{who} {(wasKnown ? "was invited before and is" : "is")} a support user from now on. "
                        + $"We will email them a link to create an account, which works{until}."
                : link.SentNow
                    ? $"{who} is a support user already, and their link had expired. We will email them a "
                        + $"new one, which works{until}."
                : $"{who} is a support user already, and has not created an account yet. The link they were "
                    + $"sent works{until}."
            );
            // The development mailbox sends nothing, so the person would never see the link.
            if (print || options.Email.Sender == EmailSenderKind.Mailbox)
            {
                await output.WriteLineAsync(
                    $"The link, for {user.Email} and no one else: "
                        + $"{provider.GetRequiredService<Letterhead>().RegisterUrl(link.Invitation.Id)}"
                );
            }
            else if (added || link.SentNow)
            {
                await output.WriteLineAsync(
                    "The service sends it as soon as it runs. If no email arrives, run this again with "
                        + "--print to see the link."
                );
            }
        }
    }

    /// <summary>The current link, or a new one if it has expired.</summary>
    private static async Task<(Invitation Invitation, bool SentNow)> LinkAsync(
        IServiceProvider provider,
        User user,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var db = provider.GetRequiredService<Db>();
        async Task<Invitation?> NewestAsync() =>
            await db
                .Invitations.AsNoTracking()
                .Where(i => i.UserId == user.Id && i.MembershipId == null)
                .OrderByDescending(i => i.SentAt)
                .ThenByDescending(i => i.Id)
                .FirstOrDefaultAsync(cancellation);
        if (await NewestAsync() is { } newest && newest.State(now) == LinkState.Live)
        {
            return (newest, false);
        }

        await provider.GetRequiredService<Invitations>().InviteToSupportAsync(user, null, now);
        return ((await NewestAsync())!, true);
    }

    /// <summary>Splits at the last word. A single word is a first name.</summary>
    private static (string? First, string? Last, string? Error) Split(string name)
    {
        var words = PlainText.OneLine(name).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
        {
            return PersonName.Check(name, "Name") is var (only, problem) && problem is null
                ? (only, null, null)
                : (null, null, problem);
        }

        var (first, firstError) = PersonName.Check(string.Join(' ', words[..^1]), PersonName.First);
        var (last, lastError) = PersonName.Check(words[^1], PersonName.Last);
        return (first, last, firstError ?? lastError);
    }
}
