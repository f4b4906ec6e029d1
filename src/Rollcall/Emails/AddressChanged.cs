namespace Rollcall.Emails;

/// <summary>
/// To the address that a person had until now: whoever changed it may not be that person. The new address is not shown, because the old
/// mailbox may be somebody else's by now.
/// </summary>
internal sealed record AddressChanged : Email
{
    public override string Subject(Letterhead from) => $"Your email address on {from.ServiceName} has been changed";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"The email address you use for {from.ServiceName} has been changed. It is no longer {to}."),
        new Paragraph("You cannot use the old address to sign in any more. We will not send any more emails about your account to it."),
        .. from.Help("If you did not ask for this change"),
    ];
}
