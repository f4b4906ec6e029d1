namespace Rollcall.Emails;

/// <summary>
/// To a new support user. Carries a link if they have no account yet; otherwise they sign in as usual.
/// </summary>
internal sealed record SupportAdded : Email
{
    /// <summary>The invitation whose link the email carries; null for a person who has an account.</summary>
    public Guid? InvitationId { get; init; }

    /// <summary>When the link expires; null if it does not.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The support user who added them; null if it was the command line.</summary>
    public string? AddedBy { get; init; }

    public override string Subject(Letterhead from) => $"You have been added to the {from.ServiceName} support team";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph($"You have been added to the {from.ServiceName} support team{By(from)}."),
            new Paragraph("You can see and manage every organisation and its users."),
            .. from.Purpose,
            new Heading("Get started"),
            Letterhead.SignInWith(from.OnlyProviders, to, asUsual: InvitationId is null),
            .. from.OnlyProviders is null
                ? [new Paragraph("We will ask you to set up a second step for signing in, if you do not have one.")]
                : Array.Empty<Block>(),
            .. InvitationId is { } id
                ? [Letterhead.UseThisLink(Until), new Link(from.RegisterUrl(id), "Get started")]
                : new Block[] { new Link(from.Url(Links.Home), "Sign in") },
            .. from.Help("If you have a question or cannot get started"),
            new Paragraph(
                InvitationId is null
                    ? $"If you were not expecting this email, tell {from.SupportEmail}."
                    : "If you were not expecting this email, you can ignore it."
            ),
        ];

    private string By(Letterhead from) => AddedBy is null ? "" : $" by {Inviter(AddedBy, null, from)}";
}
