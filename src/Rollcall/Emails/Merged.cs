namespace Rollcall.Emails;

/// <summary>
/// To both addresses of somebody of whom there were two records. Each learns of the other address only as much as the person needs to know it again,
/// because it would be somebody else's if support was mistaken.
/// </summary>
/// <param name="Other">The other address, masked.</param>
/// <param name="Kept">The one this goes to is the one to sign in with.</param>
internal sealed record Merged(string Other, bool Kept) : Email
{
    public override string Subject(Letterhead from) => $"You now have one account on {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"There were two accounts of yours on {from.ServiceName}: one with this address, {to}, and one with {Other}. Our support team has made them one. It has everything that you could use with either."),
        .. Kept
            ? new Block[] { new Paragraph($"From now on, always sign in with {to}. The other address does not work any more."), new Link(from.Url(Links.SignIn())) }
            : [new Paragraph($"From now on, always sign in with the other address. {to} does not work any more, and nor do links that we sent to it.")],
        .. from.Help("If the other address is not yours"),
    ];
}
