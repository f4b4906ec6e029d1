using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>To someone who asked for a new password. ResetId is null for somebody who has no password and signs in another way.</summary>
internal sealed record ResetPassword(Guid? ResetId, DateTimeOffset Until) : Email
{
    public override short Priority => 10;

    public override string Subject(Letterhead from) => $"Reset your password for {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        .. ResetId is { } id
            ? [
                new Paragraph($"Somebody, most likely you, asked for a new password for {to} on {from.ServiceName}."),
                new Paragraph($"To choose a new password, follow this link. It works once, until {Uk.DateAndTime(Until)} (UK time)."),
                new Link(from.ResetPasswordUrl(id)),
            ]
            : new Block[]
            {
                new Paragraph($"Somebody, most likely you, asked for a new password for {to} on {from.ServiceName}. Your account has no password: you sign in another way."),
                new Paragraph("The page to sign in shows the ways that you can use:"),
                new Link(from.Url(Links.SignIn())),
            },
        .. from.Help("If you cannot sign in"),
        new Paragraph("If you did not ask for this, you can ignore this email. Your account has not been changed."),
    ];
}
