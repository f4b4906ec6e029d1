namespace Rollcall.Emails;

/// <summary>
/// To someone who is no longer support staff. To someone who never signed in it reads as an invitation withdrawn.
/// </summary>
internal sealed record SupportRemoved(bool EverSignedIn) : Email
{
    public override string Subject(Letterhead from) => EverSignedIn
        ? $"You have been removed from the support team of {from.ServiceName}"
        : $"Your invitation to the support team of {from.ServiceName} has been withdrawn";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        .. EverSignedIn
            ? new Block[]
            {
                new Paragraph(
                    $"You have been removed from the support team of {from.ServiceName}. You have been signed out."),
                new Paragraph("If you belong to organisations, you can still sign in to see those."),
            }
            :
            [
                new Paragraph(
                    $"You were invited to join the support team of {from.ServiceName}. The invitation has been " +
                    "withdrawn."),
                new Paragraph("You do not need to do anything."),
            ],
        .. from.Help("If you think this is a mistake"),
    ];
}
