using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>
/// To a person who asked for a new password. ResetId is null if they have no password and sign in another way.
/// </summary>
internal sealed record ResetPassword(Guid? ResetId, DateTimeOffset Until) : Email
{
    public override short Priority => 10;

    public override string Subject(Letterhead from) => $"Reset your password for {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            .. ResetId is { } id
                ?
                [
                    new Paragraph($"We received a request to reset the password for {to} on {from.ServiceName}."),
                    new Paragraph(
                        "To choose a new password, use this link. It works once and expires at "
                            + $"{Uk.DateAndTime(Until)} "
                            + "(UK time)."
                    ),
                    new Link(from.ResetPasswordUrl(id), "Choose a new password"),
                ]
                : new Block[]
                {
                    new Paragraph(
                        $"We received a request to reset the password for {to} on {from.ServiceName}. Your "
                            + "account does "
                            + "not have a password, because you sign in another way."
                    ),
                    new Paragraph("The sign-in page shows how you can sign in:"),
                    new Link(from.Url(Links.SignIn()), "Sign in"),
                },
            .. from.Help("If you cannot sign in"),
            new Paragraph("If you did not ask for this, you can ignore this email. Your account has not been changed."),
        ];
}
