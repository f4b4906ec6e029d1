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

/// <summary>One of four changes, each with facts of its own.</summary>
/// <param name="From">Before support changed it.</param>
/// <param name="To">After support changed it.</param>
/// <param name="Name">In the file that it was imported from.</param>
/// <param name="Code">In that file.</param>
/// <param name="Details">The other columns of that file.</param>
/// <param name="AreaWord">What it now calls a service area.</param>
/// <param name="SignInMethods">The ways its people may now sign in.</param>
internal sealed record OrganisationChanged(
    OrganisationFacts? From = null,
    OrganisationFacts? To = null,
    string? Name = null,
    string? Code = null,
    SortedDictionary<string, string>? Details = null,
    string? AreaWord = null,
    string[]? SignInMethods = null
) : Event("organisation-changed")
{
    public override string Sentence(EventContext context) => $"{context.By} {Change}";

    private string Change
    {
        get
        {
            if (From is not null && To is not null)
            {
                return Changed(From, To);
            }

            if (AreaWord is not null)
            {
                return $"chose “{AreaWord}” as the word for a service area";
            }

            if (SignInMethods is not null)
            {
                return SignInMethods.Length == 0 ? "allowed every way to sign in" : "changed how people sign in";
            }

            return Name is null ? "changed the settings" : "updated the organisation from a file";
        }
    }

    private static string Changed(OrganisationFacts from, OrganisationFacts to)
    {
        string[] changes =
        [
            .. Changed("name", from.Name, to.Name, none: "none"),
            .. Changed("code", from.Code, to.Code, none: "none"),
            .. Changed("daily limit for bulk invitations", Limit(from), Limit(to), none: "the usual"),
        ];
        return $"changed {(changes.Length == 0 ? "the settings" : Model.Sentence.And(changes))}";
    }

    private static string? Limit(OrganisationFacts facts) =>
        facts.BulkInvitationsADay is { } limit ? $"{limit:N0}" : null;

    private static IEnumerable<string> Changed(string label, string? from, string? to, string none) =>
        from == to ? [] : [$"the {label} from {from ?? none} to {to ?? none}"];
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
            true => $"{context.By} made security codes required",
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
        return $"{context.By} invited a list of {people}{added}";
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
