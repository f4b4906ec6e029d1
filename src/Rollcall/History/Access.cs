namespace Rollcall.History;

/// <summary>The role, the service areas, or both were changed.</summary>
/// <param name="AreasFrom">The names of the areas. None is everything.</param>
/// <param name="AreasTo">The same, after the change.</param>
internal sealed record AccessChanged(string? From, string? To, string[]? AreasFrom, string[]? AreasTo)
    : Event("role-changed")
{
    public override string Sentence(EventContext context)
    {
        var organisation = context.Organisation;
        var had = Areas(AreasFrom);
        var has = Areas(AreasTo);
        var role = From == To ? null : $"their role at {organisation}{Before(From)} to {To ?? "another"}";
        var areas = had == has ? null : $"what they can use at {organisation} from {had} to {has}";
        var changes = string.Join(" and ", new[] { role, areas }.OfType<string>());
        return $"{context.By} changed {(changes.Length > 0 ? changes : $"their access to {organisation}")}";
    }

    private static string Before(string? role) => role is null ? "" : $" from {role}";

    private static string Areas(string[]? names) =>
        names is { Length: > 0 } ? string.Join(", ", names.Order(StringComparer.CurrentCulture)) : "everything";
}

/// <summary>The person who gave the role no longer held it when the invited person first signed in.</summary>
internal sealed record RoleNotConfirmed(string? From, string? To, Guid? Giver) : Event("role-not-confirmed")
{
    public override string Sentence(EventContext context) =>
        $"Their role at {context.Organisation} changed{(To is null ? "" : $" to {To}")}, "
        + $"because the person who gave them {From ?? "the role"} could no longer give it";
}

/// <summary>
/// The person who gave the service areas no longer had them all when the invited person first signed in.
/// </summary>
/// <param name="Paused">No area was left, so the membership was paused.</param>
internal sealed record AreasNotConfirmed(string[]? From, string[]? To, bool? Paused, Guid? Giver)
    : Event("areas-not-confirmed")
{
    public override string Sentence(EventContext context)
    {
        if (Paused == true)
        {
            return $"They were paused at {context.Organisation}, because the person who added them could no longer "
                + "give access to any of their service areas";
        }

        var left = To is { Length: > 0 } ? $" to {Model.Sentence.And(To)}" : "";
        return $"Their access at {context.Organisation} was reduced{left}, because the person who added them could no "
            + "longer give access to the rest";
    }
}
