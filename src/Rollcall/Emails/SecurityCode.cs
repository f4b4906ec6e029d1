namespace Rollcall.Emails;

/// <summary>A security code to the account's mailbox. The row holds it sealed; the words are made when it is sent.</summary>
internal sealed record CodeByEmail(string SealedCode) : Email
{
    /// <summary>As long as a code works: one that comes later is only a puzzle.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    public override short Priority => 0;

    public override TimeSpan? WorthSendingFor => Lasts;

    public override string Subject(Letterhead from) => $"Your security code for {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"{from.Unseal(SealedCode)} is your security code for {from.ServiceName}."),
        new Paragraph("It works once, for 10 minutes. Enter it only on the page where you asked for it, and never give it to anybody, not even to us."),
        .. from.Help("If you did not ask for a code, somebody may know your password: change it. If you need help"),
    ];
}

/// <summary>The same to a mobile phone. The last line binds the code to this site, so that a phone offers it nowhere else (WICG origin-bound one-time codes).</summary>
internal sealed record CodeByText(string SealedCode) : Email
{
    public override Channel Channel => Channel.Text;

    public override short Priority => 0;

    public override TimeSpan? WorthSendingFor => CodeByEmail.Lasts;

    public override string Subject(Letterhead from) => "Text message";

    public override IEnumerable<Block> Body(Letterhead from, string to)
    {
        var code = from.Unseal(SealedCode);
        return [new Paragraph($"{code} is your security code for {from.ServiceName}. It lasts 10 minutes. Never give it to anybody."), new Paragraph($"@{from.Host} #{code}")];
    }
}
