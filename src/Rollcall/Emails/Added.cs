using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>
/// To someone who was added to an organisation and has never used the service: sets the context that a sign-in page lacks. AddedBy is the
/// person of the organisation who did it, null when the support team did.
/// </summary>
internal sealed record Added(Guid OrganisationId, string OrganisationName, string? AddedBy) : Email
{
    /// <summary>Whose link the email carries.</summary>
    public Guid? InvitationId { get; init; }

    /// <summary>Until when the link works; null when it does not run out.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What the person may do there beyond using the service.</summary>
    public bool ManagesUsers { get; init; }

    public static Added For(User user, Organisation organisation, Invitation link, string? addedBy, bool managesUsers) => new(organisation.Id, organisation.Name, addedBy)
    {
        FirstName = user.FirstName,
        LastName = user.LastName,
        InvitationId = link.Id,
        Until = link.ExpiresAt,
        ManagesUsers = managesUsers,
    };

    public override string Subject(Letterhead from) => $"You have been added to {OrganisationName} on {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"You have been added to {OrganisationName} on {from.ServiceName} by {AddedBy ?? from.SupportName}."),
        .. from.Purpose,
        .. ManagesUsers ? [new Paragraph($"You will be able to add, change and remove the people of {OrganisationName}.")] : Array.Empty<Block>(),
        new Heading("Get started"),
        new Paragraph($"Use the address this email was sent to: {to}. If you sign in with a different email address, you will not be able to see {OrganisationName}."),
        new Paragraph(Until is { } until ? $"To get started, follow this link. It works until {Uk.DateAndTime(until)} (UK time)." : "To get started, follow this link."),
        new Link(InvitationId is { } id ? from.RegisterUrl(id) : from.Url(Links.Organisation(OrganisationId))),
        .. from.Help("If you have a question or cannot get started"),
        new Paragraph("If you were not expecting this email, you can ignore it."),
    ];
}
