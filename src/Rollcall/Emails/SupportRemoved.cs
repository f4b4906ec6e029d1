namespace Rollcall.Emails;

/// <summary>
/// To a person who is no longer a support user. A person who never signed in is told that their invitation was
/// withdrawn.
/// </summary>
internal sealed record SupportRemoved(bool EverSignedIn) : Email
{
    public override string Subject(Letterhead from) =>
        EverSignedIn
            ? $"You have been removed from the {from.ServiceName} support team"
            : $"Your invitation to the {from.ServiceName} support team has been withdrawn";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            .. EverSignedIn
                ? new Block[]
                {
                    new Paragraph(
                        $"You have been removed from the {from.ServiceName} support team. You have been signed out."
                    ),
                    new Paragraph("You can still sign in to see any organisations you belong to."),
                }
                :
                [
                    new Paragraph(
                        $"You were invited to join the {from.ServiceName} support team. The invitation has been "
                            + "withdrawn."
                    ),
                    new Paragraph("You do not need to do anything."),
                ],
            .. from.Help("If you think this is a mistake"),
        ];
}
