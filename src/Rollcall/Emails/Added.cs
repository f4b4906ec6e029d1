namespace Rollcall.Emails;

/// <summary>
/// To someone who was added to an organisation and has never used the service: sets the context that a sign-in page lacks. AddedBy is the
/// person of the organisation who did it, null when the support team did.
/// </summary>
internal sealed record Added(Guid OrganisationId, string OrganisationName, string? AddedBy) : Email
{
    public override string Subject(Letterhead from) => $"You have been added to {OrganisationName} on {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"You have been added to {OrganisationName} on {from.ServiceName} by {AddedBy ?? from.SupportName}."),
        .. from.Purpose,
        new Heading("Sign in"),
        new Paragraph($"Use the address this email was sent to: {to}. If you sign in with a different email address, you will not be able to see {OrganisationName}."),
        new Paragraph($"Sign in to {from.ServiceName} at:"),
        new Link(from.Url(Links.Organisation(OrganisationId))),
        .. from.Help("If you have a question or cannot sign in"),
        new Paragraph("If you were not expecting this email, you can ignore it."),
    ];
}
