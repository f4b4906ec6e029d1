namespace Rollcall.Emails;

/// <summary>
/// To someone whose account was connected to a provider: if it was not they, they must hear of it (ASVS 5.0, 6.3.7).
/// </summary>
/// <param name="Provider">What people call it.</param>
internal sealed record ProviderConnected(string Provider) : Email
{
    public override short Priority => 10;

    private string InWords => $"{Provider} was connected to your account";

    public override string Subject(Letterhead from) => $"{InWords} on {from.ServiceName}";

    // A new password does not end the connection: support does.
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
