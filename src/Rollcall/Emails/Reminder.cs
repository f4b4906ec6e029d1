using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>To someone whose invitation's link stops working soon: the link that they have already, and until when it works. Sent once for each link.</summary>
internal sealed record Reminder(string OrganisationName, Guid InvitationId, DateTimeOffset Until) : Email
{
    /// <summary>Behind everything that somebody waits for.</summary>
    public override short Priority => 30;

    public override string Subject(Letterhead from) => $"Your invitation to {OrganisationName} on {from.ServiceName} ends soon";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"You were added to {OrganisationName} on {from.ServiceName}, and have not started to use it yet."),
        .. from.Purpose,
        new Heading("Get started"),
        new Paragraph($"Use the address this email was sent to: {to}."),
        new Paragraph($"To get started, follow this link. It works until {Uk.DateAndTime(Until)} (UK time). It is the link that we sent you before."),
        new Link(from.RegisterUrl(InvitationId)),
        .. from.Help("If you have a question or cannot get started"),
        new Paragraph("If you do not want to use it, you can ignore this email. We will not remind you again."),
    ];
}
