namespace Rollcall.Emails;

/// <summary>
/// To the address that a person had until now: someone else may have changed it. The new address is not shown, because
/// the old mailbox may be another person's by now.
/// </summary>
internal sealed record AddressChanged : Email
{
    public override string Subject(Letterhead from) => $"Your email address on {from.ServiceName} has been changed";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph($"The email address you use for {from.ServiceName} has been changed. It is no longer {to}."),
            new Paragraph(
                "You can no longer use the old address to sign in. We will send no more emails about your account "
                    + "to it."
            ),
            .. from.Help("If you did not ask for this change"),
        ];
}
