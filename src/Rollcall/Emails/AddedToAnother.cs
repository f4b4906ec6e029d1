namespace Rollcall.Emails;

/// <summary>
/// To someone who already uses the service and was added to one more organisation. AddedBy is the person of the organisation who did it,
/// null when the support team did.
/// </summary>
internal sealed record AddedToAnother(Guid OrganisationId, string OrganisationName, string? AddedBy) : Email
{
    public override string Subject(Letterhead from) => $"You have been added to {OrganisationName} on {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"You have been added to {OrganisationName} on {from.ServiceName} by {AddedBy ?? from.SupportName}."),
        .. from.Purpose,
        new Paragraph($"Sign in as you usually do. Use the address this email was sent to: {to}."),
        new Link(from.Url(Links.Organisation(OrganisationId))),
        .. from.Help("If you have a question or cannot sign in"),
        new Paragraph("If you were not expecting this email, you can ignore it."),
    ];
}
