namespace Rollcall.Emails;

/// <summary>
/// To a person's current address when a change is requested. If they did not request it, they can still stop it (ASVS
/// 5.0, 6.3.7).
/// </summary>
/// <param name="HasPassword">Whether they have a password to reset; otherwise only support can stop the change.</param>
internal sealed record AddressChangeAsked(string NewAddress, bool HasPassword = true) : Email
{
    public override short Priority => 10;

    public override string Subject(Letterhead from) =>
        $"Someone asked to change your email address on {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph(
                $"Someone who is signed in to your account on {from.ServiceName} asked to use {NewAddress} instead of "
                    + $"{to}."
            ),
            new Paragraph(
                $"If this was you, use the link in the email we sent to {NewAddress}. Your address will not change "
                    + "until you do."
            ),
            .. HasPassword
                ? new Block[]
                {
                    new Paragraph(
                        "If it was not you, reset your password now. This signs you out on all devices and stops the "
                            + "change:"
                    ),
                    new Link(from.Url(Links.ForgotPassword), "Reset your password"),
                }
                :
                [
                    new Paragraph(
                        $"If it was not you, someone else can use your account. Email {from.SupportEmail} now."
                    ),
                ],
            .. from.Help("If you need help"),
        ];
}
