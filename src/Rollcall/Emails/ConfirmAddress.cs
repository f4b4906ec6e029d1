using Rollcall.Addresses;
using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>
/// To a new address, before anything is changed. The reader may have nothing to do with the account, so the email says
/// whose it is, and only that account's own session can confirm.
/// </summary>
/// <param name="Name">The person whose account it is.</param>
/// <param name="CurrentAddress">Their current address; null in an email queued by an older version.</param>
internal sealed record ConfirmAddress(
    Guid ChangeId,
    DateTimeOffset Until,
    string? Name = null,
    string? CurrentAddress = null
) : Email
{
    public override short Priority => 10;

    private string Account =>
        CurrentAddress is null ? "your account"
        : Name is null || Name == CurrentAddress || !PersonName.IsFitForEmails(Name) ? $"the account {CurrentAddress}"
        : $"{Name}’s account, {CurrentAddress},";

    public override string Subject(Letterhead from) => $"Confirm your email address for {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            new Paragraph("Hello"),
            new Paragraph(
                $"We received a request to change the email address of {Account} on {from.ServiceName} to {to}."
            ),
            new Paragraph(
                "If this is your account, follow this link and sign in to confirm. "
                    + $"It works until {Uk.DateAndTime(Until)} (UK time)."
            ),
            new Link(from.ConfirmEmailUrl(ChangeId)),
            .. from.Help("If you have a question"),
            new Paragraph("If this is not your account, ignore this email. Nothing has been changed."),
        ];
}
