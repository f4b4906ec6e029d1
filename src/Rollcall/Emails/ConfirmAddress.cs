using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>To a new address, before anything is changed: whoever reads it confirms it.</summary>
internal sealed record ConfirmAddress(Guid ChangeId, DateTimeOffset Until) : Email
{
    public override short Priority => 10;

    public override string Subject(Letterhead from) => $"Confirm your email address for {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"You asked to use {to} on {from.ServiceName} from now on."),
        new Paragraph($"To confirm, follow this link. It works until {Uk.DateAndTime(Until)} (UK time)."),
        new Link(from.ConfirmEmailUrl(ChangeId)),
        .. from.Help("If you have a question"),
        new Paragraph("If you did not ask for this, you can ignore this email. Nothing has been changed."),
    ];
}
