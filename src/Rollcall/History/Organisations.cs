using Rollcall.Model;

namespace Rollcall.History;

/// <param name="Details">The other columns of the file that it was imported from.</param>
internal sealed record OrganisationCreated(string? Name, string? Code, SortedDictionary<string, string>? Details = null)
    : Event("organisation-created")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} created {Name ?? "the organisation"}{(Code is null ? "" : $", with the code {Code}")}";
}

/// <summary>What support may change of an organisation.</summary>
internal sealed record OrganisationFacts(string? Name, string? Code, int? BulkInvitationsADay)
{
    public static OrganisationFacts Of(Organisation organisation) =>
        new(organisation.Name, organisation.Code, organisation.BulkInvitationsADay);
}

/// <summary>Support changed the organisation.</summary>
internal sealed record OrganisationChanged(OrganisationFacts? From, OrganisationFacts? To)
    : Event("organisation-changed")
{
    public override string Sentence(EventContext context)
    {
        string[] changes =
        [
            .. Changed("name", From?.Name, To?.Name, none: "none"),
            .. Changed("code", From?.Code, To?.Code, none: "none"),
            .. Changed("daily limit for bulk invitations", Limit(From), Limit(To), none: "the usual"),
        ];
        return $"{context.By} changed {(changes.Length == 0 ? "the organisation" : Model.Sentence.And(changes))}";
    }

    private static string? Limit(OrganisationFacts? facts) =>
        facts?.BulkInvitationsADay is { } limit ? $"{limit:N0}" : null;

    private static IEnumerable<string> Changed(string label, string? from, string? to, string none) =>
        from == to ? [] : [$"the {label} from {from ?? none} to {to ?? none}"];
}

/// <summary>A file of organisations was imported, and this one differed in it.</summary>
/// <param name="Details">The other columns of the file.</param>
internal sealed record OrganisationImported(string? Name, string? Code, SortedDictionary<string, string>? Details)
    : Event("organisation-imported")
{
    public override string Sentence(EventContext context) => $"{context.By} updated the organisation from a file";
}

/// <param name="Word">What it now calls a service area; null for the usual word.</param>
internal sealed record AreaWordChosen(string? Word) : Event("area-word-chosen")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} chose “{Word ?? "service area"}” as the word for a service area";
}

/// <param name="Allowed">The ways its people may now sign in; null for all.</param>
internal sealed record SignInMethodsChanged(string[]? Allowed) : Event("sign-in-methods-changed")
{
    public override string Sentence(EventContext context) =>
        Allowed is null ? $"{context.By} allowed every way to sign in" : $"{context.By} changed how people sign in";
}

/// <param name="From">Null for a new area.</param>
internal sealed record AreaNamed(string? From, string? To) : Event("area-named")
{
    public override string Sentence(EventContext context)
    {
        if (From is not null)
        {
            return $"{context.By} renamed the service area {From} to {To ?? "another name"}";
        }

        return $"{context.By} added {(To is null ? "a service area" : $"the service area {To}")}";
    }
}

internal sealed record AreaRemoved(string? Name) : Event("area-removed")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} removed {(Name is null ? "a service area" : $"the service area {Name}")}";
}

internal sealed record SecondFactorDemanded(bool? Demanded) : Event("second-factor-demanded")
{
    public override string Sentence(EventContext context) =>
        Demanded switch
        {
            true => $"{context.By} required everyone to use a security code",
            false => $"{context.By} made security codes optional",
            null => $"{context.By} changed who needs a security code",
        };
}

/// <summary>A list of people was invited. Each person who was added has an event of their own as well.</summary>
/// <param name="Batch">The invitation list.</param>
/// <param name="Added">How many were added.</param>
/// <param name="Of">How many were on the list.</param>
internal sealed record ListInvited(Guid? Batch, int? Added, int? Of) : Event("list-invited")
{
    public override string Sentence(EventContext context)
    {
        var people =
            Of is null ? "people"
            : Of == 1 ? "1 person"
            : $"{Of:N0} people";
        var added =
            Added is null ? ""
            : Added == 1 ? ": 1 was added"
            : $": {Added:N0} were added";
        return $"{context.By} invited {people}{added}";
    }
}

/// <summary>Someone downloaded the list of users.</summary>
/// <param name="Status">The status that it was filtered by.</param>
/// <param name="Search">What was searched for: never told, because it may be a name.</param>
/// <param name="Users">How many users were in the file.</param>
internal sealed record UsersExported(string? Status, string? Search, int? Users) : Event("exported")
{
    public override string Sentence(EventContext context)
    {
        var users =
            Users is null ? "users"
            : Users == 1 ? "1 user"
            : $"{Users:N0} users";
        return $"{context.By} downloaded a list of {users} (CSV)";
    }
}
