namespace Rollcall.Emails;

/// <summary>
/// To a person who already uses the service and has been added to another organisation. AddedBy is the organisation's
/// admin who did it; null if it was the support team.
/// </summary>
internal sealed record AddedToAnother(Guid OrganisationId, string OrganisationName, string? AddedBy) : Email
{
    /// <summary>
    /// The providers that the organisation's people sign in with, if there is no other way; otherwise null.
    /// </summary>
    public string? SignsInWith { get; init; }

    public override string Subject(Letterhead from) =>
        $"You have been added to {OrganisationName} on {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph(
                $"You have been added to {OrganisationName} on {from.ServiceName} by "
                    + $"{Inviter(AddedBy, OrganisationName, from)}."
            ),
            .. from.Purpose,
            Letterhead.SignInWith(SignsInWith, to, asUsual: true),
            new Link(from.Url(Links.Organisation(OrganisationId)), "Sign in"),
            .. from.Help("If you have a question or cannot sign in"),
            new Paragraph("If you were not expecting this email, you can ignore it."),
        ];
}
