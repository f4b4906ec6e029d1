namespace Rollcall.Emails;

/// <summary>
/// To a person who added or lost a passkey: if someone else did it, they must hear at once (ASVS 5.0, 6.3.7).
/// </summary>
/// <param name="Name">The passkey's name.</param>
/// <param name="Removed">True if it was removed, false if added.</param>
internal sealed record PasskeyChanged(string Name, bool Removed) : Email
{
    public override short Priority => 10;

    private string InWords => $"A passkey was {(Removed ? "removed from" : "added to")} your account";

    public override string Subject(Letterhead from) => $"{InWords} on {from.ServiceName}";

    // A new password does not remove a passkey, so the advice for an added one is to remove it.
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
