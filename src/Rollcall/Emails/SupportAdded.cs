using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>To someone who became support staff. With a link for whoever has no account yet; the others sign in as ever.</summary>
internal sealed record SupportAdded : Email
{
    /// <summary>Whose link the email carries; null for somebody who has an account.</summary>
    public Guid? InvitationId { get; init; }

    /// <summary>Until when the link works; null when it does not run out.</summary>
    public DateTimeOffset? Until { get; init; }

    public override string Subject(Letterhead from) => $"You have been added to the support team of {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"You have been added to the support team of {from.ServiceName}. You can see and manage every organisation and its users."),
        .. from.Purpose,
        new Heading("Get started"),
        .. InvitationId is { } id
            ? new Block[]
            {
                new Paragraph($"Use the address this email was sent to: {to}. You will be asked to set up a second step for signing in."),
                new Paragraph(Until is { } until ? $"To get started, follow this link. It works until {Uk.DateAndTime(until)} (UK time)." : "To get started, follow this link."),
                new Link(from.RegisterUrl(id)),
            }
            :
            [
                new Paragraph($"Sign in as before, with {to}. If you have no second step for signing in yet, you will be asked to set one up."),
                new Link(from.Url(Links.Home)),
            ],
        .. from.Help("If you have a question or cannot get started"),
        new Paragraph(InvitationId is null ? $"If you were not expecting this email, tell {from.SupportEmail}." : "If you were not expecting this email, you can ignore it."),
    ];
}
