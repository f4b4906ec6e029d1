using Microsoft.Extensions.Options;

namespace Rollcall.Emails;

/// <summary>Whether this deployment can send text messages, so that pages offer them only where they work.</summary>
internal sealed class TextMessages(IOptions<RollcallOptions> options)
{
    public bool ArePossible => options.Value.Email.Sender == EmailSenderKind.Mailbox || options.Value.Notify.SendsTexts;
}

/// <summary>Whether people are asked for a mobile number, and why.</summary>
internal sealed class MobileQuestion(IOptions<RollcallOptions> options, TextMessages texts)
{
    /// <summary>Only if something uses it: security codes, or the purpose in the settings.</summary>
    public bool IsAsked => options.Value.AskForMobile ?? texts.ArePossible;

    public string Hint
    {
        get
        {
            var reason = options.Value.MobileReason.Trim().TrimEnd('.');
            if (reason.Length == 0 && texts.ArePossible)
            {
                reason = "We use it to text you security codes, if you choose to get them that way";
            }

            return reason.Length == 0
                ? "For numbers outside the UK, include the country code"
                : $"{reason}. For numbers outside the UK, include the country code";
        }
    }
}
