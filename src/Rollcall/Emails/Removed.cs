namespace Rollcall.Emails;

/// <summary>
/// To a person who was removed from an organisation, without saying by whom. A person who never signed in is told that
/// their invitation was withdrawn: they may not know that they ever belonged.
/// </summary>
internal sealed record Removed(string OrganisationName, bool EverSignedIn) : Email
{
    public override string Subject(Letterhead from) =>
        EverSignedIn
            ? $"You have been removed from {OrganisationName} on {from.ServiceName}"
            : $"Your invitation to {OrganisationName} on {from.ServiceName} has been withdrawn";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            .. EverSignedIn
                ? new Block[]
                {
                    new Paragraph($"You have been removed from {OrganisationName} on {from.ServiceName}."),
                    new Paragraph($"You can no longer see {OrganisationName} when you sign in."),
                }
                :
                [
                    new Paragraph(
                        $"You were invited to join {OrganisationName} on {from.ServiceName}. The invitation has been "
                            + "withdrawn."
                    ),
                    new Paragraph("You do not need to do anything."),
                ],
            .. from.Help("If you think this is a mistake"),
        ];
}
