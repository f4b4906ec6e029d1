using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>
/// To an invited person whose link expires soon, with the same link and when it expires. Sent once for each link.
/// </summary>
internal sealed record Reminder(string OrganisationName, Guid InvitationId, DateTimeOffset Until) : Email
{
    /// <summary>The organisation's admin who added them; null if it was the support team.</summary>
    public string? AddedBy { get; init; }

    /// <summary>
    /// The providers that the organisation's people sign in with, if there is no other way; otherwise null.
    /// </summary>
    public string? SignsInWith { get; init; }

    /// <summary>After everything that a person waits for.</summary>
    public override short Priority => 30;

    /// <summary>Names the day, because "in 2 days" is wrong when it is read tomorrow.</summary>
    public override string Subject(Letterhead from) =>
        $"Your invitation to {OrganisationName} on {from.ServiceName} expires on {Uk.Date(Until)}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph(
                $"You were added to {OrganisationName} on {from.ServiceName} by "
                    + $"{Inviter(AddedBy, OrganisationName, from)}. You have not used your invitation yet."
            ),
            .. from.Purpose,
            new Heading("Get started"),
            Letterhead.SignInWith(SignsInWith, to),
            Letterhead.UseThisLink(Until),
            new Paragraph("This is the same link as in our first email."),
            new Link(from.RegisterUrl(InvitationId), "Get started"),
            .. from.Help("If you have a question or cannot get started"),
            new Paragraph("If you do not want to use it, you can ignore this email. We will not remind you again."),
        ];
}
