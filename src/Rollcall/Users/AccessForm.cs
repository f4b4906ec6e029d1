using Microsoft.AspNetCore.Mvc.ModelBinding;
using Rollcall.Operations;

namespace Rollcall.Users;

/// <summary>
/// The questions about role and areas: the same to add a person, to invite a list, and to change access.
/// </summary>
/// <param name="Who">As in "What can Ada Lovelace do?".</param>
/// <param name="Role">The key of the role, as answered.</param>
/// <param name="Areas">The service areas, as answered; none for all.</param>
internal sealed record AccessForm(AccessOffer Offer, string Who, string? Role, Guid[] Areas)
{
    /// <summary>For a list of people.</summary>
    public const string They = "they";

    /// <summary>The access, or an error for each question that is not answered.</summary>
    /// <param name="roleIsKnown">From elsewhere, such as a file: then it need not be answered, and may be "".</param>
    /// <param name="areasAreKnown">The same for the service areas.</param>
    public Access? Check(ModelStateDictionary errors, bool roleIsKnown = false, bool areasAreKnown = false)
    {
        if (Offer.Choose(Role, Areas) is { } access)
        {
            return access;
        }

        var hasRole = Offer.Roles.Count == 1 || Offer.Roles.Any(r => r.Key == Role);
        var hasAreas = Offer.Roles.Count > 0 && Offer.Choose(Offer.Roles[0].Key, Areas) is not null;
        if (!hasRole && !roleIsKnown && Offer.Roles.Count > 0)
        {
            errors.AddModelError(nameof(Role), $"Select a role for {Whom}");
        }

        if (!hasAreas && !areasAreKnown)
        {
            errors.AddModelError(nameof(Areas), $"Select what {Who} can use");
        }

        return (hasRole || roleIsKnown) && (hasAreas || areasAreKnown)
            ? new(hasRole ? Role ?? Offer.Roles[0].Key : "", hasAreas ? Areas : [])
            : null;
    }

    private string Whom => Who == They ? "them" : Who;

    /// <summary>The names of the areas, or that it is all of them.</summary>
    public string AreaNames =>
        Areas.Length == 0 ? "All" : string.Join(", ", Offer.Areas.Where(a => Areas.Contains(a.Id)).Select(a => a.Name));
}
