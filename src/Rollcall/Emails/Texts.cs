using Microsoft.Extensions.Options;

namespace Rollcall.Emails;

/// <summary>Whether this deployment can send text messages: no one is offered a way that leads nowhere.</summary>
internal sealed class Texts(IOptions<RollcallOptions> options)
{
    public bool ArePossible => options.Value.Email.Sender == EmailSenderKind.Mailbox || options.Value.Notify.SendsTexts;
}
