using Microsoft.AspNetCore.Mvc.ModelBinding;
using Rollcall.Operations;

namespace Rollcall.Users;

/// <summary>The questions about role and areas: the same to add a person, to invite a list, and to change access.</summary>
/// <param name="Who">As in "What can Ada Lovelace do?".</param>
/// <param name="Role">The key of the role, as answered.</param>
/// <param name="Areas">The parts of the organisation, as answered; none for all.</param>
internal sealed record AccessForm(Offer Offer, string Who, string? Role, Guid[] Areas)
{
    /// <summary>The access, or an error for each question that is not answered.</summary>
    public Access? Check(ModelStateDictionary errors)
    {
        if (Offer.Choose(Role, Areas) is { } access)
            return access;
        if (Offer.Roles.Count > 1 && Offer.Roles.All(r => r.Key != Role))
            errors.AddModelError(nameof(Role), $"Select a role for {(Who == "they" ? "them" : Who)}");
        if (Offer.Roles.Count == 0 || Offer.Choose(Offer.Roles[0].Key, Areas) is null)
            errors.AddModelError(nameof(Areas), $"Select what {Who} can use");
        return null;
    }

    /// <summary>The names of the parts, or that it is all of them.</summary>
    public string AreaNames => Areas.Length == 0 ? "All" : string.Join(", ", Offer.Areas.Where(a => Areas.Contains(a.Id)).Select(a => a.Name));
}
