using Rollcall.Security;

namespace Rollcall.Emails;

/// <summary>A security code by email. The row holds the code sealed; the words are rendered when it is sent.</summary>
internal sealed record CodeByEmail(string SealedCode) : Email
{
    public override short Priority => 0;

    public override TimeSpan? WorthSendingFor => OneTimeCodes.Lasts;

    public override string Subject(Letterhead from) => $"Your security code for {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph($"{from.Unseal(SealedCode)} is your security code for {from.ServiceName}."),
            new Paragraph(
                $"It works once and expires in {OneTimeCodes.Lasts.TotalMinutes:0} minutes. Only enter it on the page "
                    + "where you asked for it. Do not give it to anyone, including us."
            ),
            new Heading("If you did not ask for a code"),
            new Paragraph("Someone may know your password. Change it as soon as you can."),
            .. from.Help("If you need help"),
        ];
}

/// <summary>
/// A security code by text message. The last line binds it to this site, so that phones offer it nowhere else (WICG
/// origin-bound one-time codes).
/// </summary>
internal sealed record CodeByText(string SealedCode) : Email
{
    public override Channel Channel => Channel.Text;

    public override short Priority => 0;

    public override TimeSpan? WorthSendingFor => OneTimeCodes.Lasts;

    public override string Subject(Letterhead from) => "Text message";

    public override IEnumerable<Block> Body(Letterhead from, string to)
    {
        var code = from.Unseal(SealedCode);
        return
        [
            new Paragraph(
                $"{code} is your security code for {from.ServiceName}. It expires in "
                    + $"{OneTimeCodes.Lasts.TotalMinutes:0} minutes. Do not give it to anyone."
            ),
            new Paragraph($"@{from.Host} #{code}"),
        ];
    }
}
