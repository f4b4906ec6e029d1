namespace Rollcall.History;

/// <param name="Link">"new", or "same" if the link in it was not a new one; not recorded for many at once.</param>
/// <param name="Role">Recorded only for many at once.</param>
internal sealed record InvitationResent(string? Email, string? Link = null, string? Role = null)
    : Event("invitation-sent-again")
{
    public override string Sentence(EventContext context) =>
        context.HasActor ? $"{context.By} asked for their invitation to be resent" : "Asked for a new invitation link";
}

internal sealed record InvitationReminded(string? Email) : Event("reminded")
{
    public override string Sentence(EventContext context) =>
        "Their invitation was about to expire, so a reminder was due";
}

internal sealed record RegistrationStarted() : Event("registration-started")
{
    public override string Sentence(EventContext context) => "Started creating their account";
}

/// <param name="Method">One of <see cref="Model.SignInMethods"/>.</param>
internal sealed record Registered(string? Method) : Event("registered")
{
    public override string Sentence(EventContext context) => "Created their account";
}
