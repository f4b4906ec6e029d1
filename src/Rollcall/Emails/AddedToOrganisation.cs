namespace Rollcall.Emails;

/// <summary>
/// The invitation, to a person who has been added to an organisation and has never used the service. It explains what a
/// sign-in page does not. AddedBy is the organisation's admin who did it; null if it was the support team.
/// </summary>
internal sealed record AddedToOrganisation(Guid OrganisationId, string OrganisationName, string? AddedBy) : Email
{
    /// <summary>The invitation whose link the email carries.</summary>
    public Guid? InvitationId { get; init; }

    /// <summary>When the link expires; null if it does not.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether the person will manage the organisation's users.</summary>
    public bool ManagesUsers { get; init; }

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
            .. from.Managing(ManagesUsers ? OrganisationName : null),
            new Heading("Get started"),
            Letterhead.SignInWith(SignsInWith, to),
            new Paragraph($"If you use a different email address, you will not be able to see {OrganisationName}."),
            Letterhead.UseThisLink(Until),
            new Link(
                InvitationId is { } id ? from.RegisterUrl(id) : from.Url(Links.Organisation(OrganisationId)),
                "Get started"
            ),
            .. from.Help("If you have a question or cannot get started"),
            new Paragraph("If you were not expecting this email, you can ignore it."),
        ];
}
