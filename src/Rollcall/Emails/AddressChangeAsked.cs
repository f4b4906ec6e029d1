namespace Rollcall.Emails;

/// <summary>To the address that a person has, before another one is confirmed: if it was not they, there is still time (ASVS 5.0, 6.3.7).</summary>
internal sealed record AddressChangeAsked(string NewAddress) : Email
{
    public override short Priority => 10;

    public override string Subject(Letterhead from) => $"Somebody asked to change your email address on {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"Somebody who is signed in as you on {from.ServiceName} asked to use {NewAddress} instead of {to}."),
        new Paragraph($"If this was you, follow the link that we sent to {NewAddress}. Nothing changes until then."),
        new Paragraph("If it was not you, reset your password at once. This signs everybody out and stops the change:"),
        new Link(from.Url(Links.ForgotPassword)),
        .. from.Help("If you need help"),
    ];
}
