namespace Rollcall.Emails.Senders;

/// <summary>Sends emails by one sender and text messages by another.</summary>
internal sealed class ByChannel(IEmailSender emails, IEmailSender texts) : IEmailSender
{
    public Task<SendOutcome> SendAsync(RenderedEmail email, CancellationToken cancellationToken) =>
        (email.Channel == Channel.Text ? texts : emails).SendAsync(email, cancellationToken);
}
