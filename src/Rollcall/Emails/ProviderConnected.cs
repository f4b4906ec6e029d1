namespace Rollcall.Emails;

/// <summary>
/// To a person whose account was connected to a provider: if someone else did it, they must hear (ASVS 5.0, 6.3.7).
/// </summary>
/// <param name="Provider">The provider's name, as shown on screens.</param>
internal sealed record ProviderConnected(string Provider) : Email
{
    public override short Priority => 10;

    private string InWords => $"{Provider} was connected to your account";

    public override string Subject(Letterhead from) => $"{InWords} on {from.ServiceName}";

    // A new password does not end the connection; only support can.
    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph($"{InWords} on {from.ServiceName}. You can now sign in as {to} with {Provider}."),
            new Paragraph("If this was you, you do not need to do anything."),
            new Paragraph(
                $"If it was not you, someone else can sign in to your account. Email {from.SupportEmail} now."
            ),
            .. from.Help("If you need help"),
        ];
}
