namespace Rollcall.Emails;

/// <summary>
/// To a person's previous address, because someone else may have changed it. The new address is not shown, because the
/// old mailbox may belong to another person by now.
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
