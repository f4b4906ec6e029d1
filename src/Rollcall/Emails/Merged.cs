namespace Rollcall.Emails;

/// <summary>
/// To both addresses of a person whose two records were merged. Each email masks the other address, just enough for the
/// person to recognise it, because it would be another person's if support made a mistake.
/// </summary>
/// <param name="Other">The other address, masked.</param>
/// <param name="Kept">Whether this email goes to the address to sign in with.</param>
internal sealed record Merged(string Other, bool Kept) : Email
{
    public override string Subject(Letterhead from) => $"You now have one account on {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph(
                $"You had 2 accounts on {from.ServiceName}: one with this address, {to}, and one with {Other}. We have "
                    + "merged them. Your account has everything that you could use with either."
            ),
            .. Kept
                ? new Block[]
                {
                    new Paragraph($"Sign in with {to}. You can no longer sign in with the other address."),
                    new Link(from.Url(Links.SignIn()), "Sign in"),
                }
                :
                [
                    new Paragraph(
                        $"Sign in with the other address. You can no longer sign in with {to}, and links "
                            + "that we sent to it "
                            + "no longer work."
                    ),
                ],
            .. from.Help("If the other address is not yours"),
        ];
}
