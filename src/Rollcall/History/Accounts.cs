using Rollcall.Model;

namespace Rollcall.History;

/// <summary>A person's name and email address, before or after a change.</summary>
/// <param name="Email">Null only where a stored event lacks it.</param>
internal sealed record Details(string? FirstName, string? LastName, string Email)
{
    public static Details Of(User user) => new(user.FirstName, user.LastName, user.Email);
}

/// <param name="Provider">The key of the provider that the new details came from.</param>
internal sealed record UserDetailsChanged(Details? From, Details? To, string? Provider = null)
    : Event("details-changed")
{
    public override string Sentence(EventContext context)
    {
        var changes = string.Join(
            ", ",
            new[]
            {
                Change("first name", From?.FirstName, To?.FirstName),
                Change("last name", From?.LastName, To?.LastName),
                Change("email address", From?.Email, To?.Email),
            }.OfType<string>()
        );
        return $"{context.By} changed their {(changes.Length > 0 ? changes : "details")}";
    }

    private static string? Change(string label, string? from, string? to) =>
        from == to ? null : $"{label} from {from ?? "nothing"} to {to ?? "nothing"}";
}

internal sealed record MobileChanged() : Event("mobile-changed")
{
    public override string Sentence(EventContext context) => "Changed their mobile phone number";
}

internal sealed record AddressChangeRequested(string? To) : Event("address-change-asked")
{
    public override string Sentence(EventContext context) => "Asked to change their email address";
}

/// <summary>Support paused the whole account, not one membership.</summary>
internal sealed record AccountPaused(string? Reason) : Event("account-paused")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} paused their account{(Reason is null ? "" : $": {Reason}")}";
}

internal sealed record AccountResumed() : Event("account-resumed")
{
    public override string Sentence(EventContext context) => $"{context.By} resumed their account";
}

/// <summary>
/// Two records of one person were merged. Written once for the person, with how it was checked, and once for each
/// organisation that the other record belonged to.
/// </summary>
/// <param name="Kept">The email address of the record that stays; not told to the organisations.</param>
/// <param name="Gone">The email address of the other record.</param>
/// <param name="Role">The role in the organisation after the merge.</param>
internal sealed record RecordsMerged(string? Gone, string? HowChecked, string? Kept = null, string? Role = null)
    : Event("merged")
{
    public override string Sentence(EventContext context)
    {
        var gone = Gone is null ? "another record" : $"the record for {Gone}";
        return HowChecked is null
            ? $"{context.By} merged {gone} into this one"
            : $"{context.By} merged {gone} into {(Kept is null ? "this one" : $"the record for {Kept}")}. "
                + $"How they checked it was the same person: {HowChecked}";
    }
}

/// <param name="KnownBefore">Whether they had an account or an invitation already.</param>
internal sealed record SupportUserAdded(string? Email, bool? KnownBefore) : Event("support-added")
{
    public override string Sentence(EventContext context) => $"{context.By} made them a support user";
}

internal sealed record SupportUserRemoved() : Event("support-removed")
{
    public override string Sentence(EventContext context) => $"{context.By} removed them from the support users";
}
