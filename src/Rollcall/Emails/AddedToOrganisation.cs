namespace Rollcall.Emails;

/// <summary>
/// To someone who was added to an organisation and has never used the service: sets the context that a sign-in page
/// lacks. AddedBy is the person of the organisation who did it, null when the support team did.
/// </summary>
internal sealed record AddedToOrganisation(Guid OrganisationId, string OrganisationName, string? AddedBy) : Email
{
    /// <summary>Whose link the email carries.</summary>
    public Guid? InvitationId { get; init; }

    /// <summary>When the link expires; null when it does not.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether the person may manage the organisation's users.</summary>
    public bool ManagesUsers { get; init; }

    /// <summary>The providers that the organisation's people sign in with, where there is no other way.</summary>
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
