namespace Rollcall.Emails;

/// <summary>To someone whose account got or lost a passkey: if it was not they, somebody must hear of it at once (ASVS 5.0, 6.3.7).</summary>
/// <param name="Name">What its owner called it.</param>
/// <param name="Removed">Removed, else added.</param>
internal sealed record PasskeyChanged(string Name, bool Removed) : Email
{
    public override short Priority => 10;

    private string InWords => $"A passkey was {(Removed ? "removed from" : "added to")} your account";

    public override string Subject(Letterhead from) => $"{InWords} on {from.ServiceName}";

    // A new password does not take a passkey away: the advice for an added one is to remove it.
    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"{InWords} on {from.ServiceName}: {Name}. You sign in there with {to}."),
        new Paragraph("If this was you, you do not need to do anything."),
        new Paragraph(Removed
            ? "If it was not you, reset your password at once:"
            : "If it was not you, somebody else can sign in as you with this passkey. Remove it at once, and then change your password:"),
        new Link(from.Url(Removed ? Links.ForgotPassword : Links.Passkeys)),
        .. from.Help("If you cannot sign in, or think that somebody else can"),
    ];
}
