namespace Rollcall.Emails;

/// <summary>To a person who has just registered: the address to keep, so that they find their way back.</summary>
internal sealed record Welcome(string? Organisations) : Email
{
    /// <summary>The providers that the person signs in with, if there is no other way; otherwise null.</summary>
    public string? SignsInWith { get; init; }

    public override string Subject(Letterhead from) => $"Your account on {from.ServiceName} is ready";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph(
                Organisations is null
                    ? $"Your account on {from.ServiceName} is ready."
                    : $"Your account on {from.ServiceName} is ready. You belong to {Organisations}."
            ),
            .. from.Purpose,
            new Heading("How to sign in"),
            new Paragraph(
                $"Keep this email, or bookmark this page. You can sign in with {SignsInWith ?? to} at any time:"
            ),
            new Link(from.Url(Links.Home), "Sign in"),
            .. from.Help("If you cannot sign in"),
            new Paragraph($"If you did not create this account, email {from.SupportEmail} now."),
        ];
}
