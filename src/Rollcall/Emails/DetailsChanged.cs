namespace Rollcall.Emails;

/// <summary>
/// To a person whose details were changed by someone else, at their new address. Unchanged details are null. ChangedBy
/// is the organisation whose admin made the change; null if it was the support team.
/// </summary>
internal sealed record DetailsChanged(
    string? NewFirstName,
    string? NewLastName,
    string? NewEmailAddress,
    string? ChangedBy
) : Email
{
    public override string Subject(Letterhead from) => $"Your details on {from.ServiceName} have been changed";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph(
                $"Your details on {from.ServiceName} have been changed by {ChangedBy ?? from.SupportName}. "
                    + "Your details "
                    + "are now:"
            ),
            new Facts([.. Changes()]),
            // someone who asks for another address, or for none
            .. NewEmailAddress is null || from.OnlyProviders is not null
                ? Array.Empty<Block>()
                : [new Paragraph("Use this email address the next time you sign in.")],
            .. from.Help("If any of this is wrong"),
        ];

    private IEnumerable<Fact> Changes()
    {
        if (NewFirstName is not null)
        {
            yield return new Fact("First name", NewFirstName);
        }

        if (NewLastName is not null)
        {
            yield return new Fact("Last name", NewLastName);
        }

        if (NewEmailAddress is not null)
        {
            yield return new Fact("Email address", NewEmailAddress);
        }
    }
}
