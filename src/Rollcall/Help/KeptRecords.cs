using Rollcall.Web;

namespace Rollcall.Help;

/// <summary>One row of the privacy notice: what is kept, why, and for how long.</summary>
internal sealed record KeptRecords(string What, string Why, string HowLong)
{
    private const string Account = "For as long as you have an account";

    /// <summary>
    /// Covers every table with data about people. The periods are read from the settings that delete the data.
    /// </summary>
    public static IEnumerable<KeptRecords> By(RollcallOptions options)
    {
        var retention = options.Retention;
        var record = retention.Audit is { } days ? Days(days) : "For as long as the service runs";
        yield return new(
            "Your name and email address",
            "To know who you are, to show you to the people you work with and to email you",
            Account
        );
        var sendsTexts = options.Notify.SendsTexts || options.Email.Sender == EmailSenderKind.Mailbox;
        if (options.AskForMobile == true || sendsTexts)
        {
            yield return new(
                "Your mobile phone number, if you give it",
                sendsTexts ? "To text you security codes" : "To contact you about your account",
                "Until you change it, or for as long as you have an account"
            );
        }

        yield return new(
            "The organisations you belong to, your role and service areas there, who added you and when, and whether "
                + "you have been paused or removed",
            "To decide what you can see and do",
            "For as long as you have an account, including after you have been removed"
        );
        yield return new(
            "How you sign in: your password in a form that cannot be read back, and your passkeys, authenticator app "
                + "and recovery codes",
            "To check that it is you",
            "Until you change or remove it, or for as long as you have an account"
        );
        if (options.SignIn.Providers.Count > 0)
        {
            var names = string.Join(" or ", options.SignIn.Providers.Select(provider => provider.Name));
            yield return new(
                $"Who you are at {names}, if you sign in with it",
                "To know you when you come back",
                "Until the link is removed, or for as long as you have an account"
            );
        }

        yield return new(
            "Which terms and conditions you have accepted, and when",
            "To show that you have agreed to them",
            Account
        );
        yield return new(
            "For each time you sign in: when, how, your IP address and your browser",
            "To keep you signed in, and to show you where you are signed in",
            $"{Days(retention.Sessions)} after you sign in"
        );
        yield return new(
            "In a cookie in your browser: which accounts have signed in there",
            "So that other people’s wrong guesses do not keep you out",
            $"{Days((int)KnownDevice.Lasts.TotalDays)} after you last signed in there"
        );
        yield return new(
            "Attempts to sign in, wrong ones included: when, from which IP address, and the email address with most "
                + "of it hidden",
            "To stop people guessing passwords, and to find out what happened if someone gets in",
            record
        );
        yield return new(
            "A record of who added, changed, paused and removed people, who signed in or changed how they sign in, "
                + "when, and from which IP address",
            "To find mistakes and misuse and put them right. It cannot be changed",
            record
        );
        yield return new(
            "The emails and text messages we send you, and whether they were sent",
            "To send them, and to help when one does not arrive",
            $"{Days(retention.Messages)} after we send them"
        );
        yield return new(
            "Lists of people who were invited together",
            "To show what became of each invitation",
            $"{Days(retention.Lists)} after the invitation"
        );
        yield return new(
            "Forms you started and did not finish, and lists you did not send",
            "So that you can continue later",
            $"{Days(retention.Drafts)} after they were started"
        );
    }

    private static string Days(int days) =>
        days switch
        {
            1 => "1 day",
            >= 730 when days % 365.25 < 1.5 || days % 365.25 > 364 => $"{Math.Round(days / 365.25)} years",
            365 or 366 => "1 year",
            _ => $"{days} days",
        };
}
