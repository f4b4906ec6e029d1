namespace Rollcall.Emails;

/// <summary>
/// To someone whose account got or lost a passkey: if it was not them, they must hear of it at once (ASVS 5.0, 6.3.7).
/// </summary>
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
            new Paragraph($"{InWords} on {from.ServiceName}: {Name}. You sign in with {to}."),
            new Paragraph("If this was you, you do not need to do anything."),
            new Paragraph(
                Removed
                    ? "If it was not you, reset your password now:"
                    : "If it was not you, someone else can sign in to your account with this passkey. "
                        + "Remove it now, and then change your password:"
            ),
            Removed
                ? new Link(from.Url(Links.ForgotPassword), "Reset your password")
                : new Link(from.Url(Links.Passkeys), "Check your passkeys"),
            .. from.Help("If you cannot sign in, or think someone else can"),
        ];
}
