using Rollcall.Addresses;
using Rollcall.Model;
using Rollcall.Operations;

namespace Rollcall.Users.Invite;

/// <summary>
/// Reads one line of a list: an address, perhaps with the person's name and access, or what is wrong with it.
/// </summary>
/// <param name="areaWord">What the organisation calls a service area.</param>
internal sealed class InvitationLineReader(AccessOffer offer, IEnumerable<string> blockedDomains, string areaWord)
{
    public InvitationLine Read(Guid organisation, Guid list, int position, AddressEntry entry)
    {
        var (address, blocked) = entry.Address is null
            ? (null, null)
            : EmailAddress.Check(entry.Address.Display, blockedDomains);
        var (role, areas, unknown) = AccessOf(entry.Details);
        var problem =
            entry.Kind == AddressKind.NotValid ? $"Not an email address: it {entry.Problem}" : blocked ?? unknown;
        var usable = problem is null && entry.Kind == AddressKind.Recognised ? address : null;
        return new()
        {
            OrganisationId = organisation,
            ListId = list,
            Position = position,
            Line = entry.Line,
            Text = entry.Text,
            Email = usable?.Display,
            EmailKey = usable?.Key,
            FirstName = PersonName.Check(entry.Details.FirstName, PersonName.First).Name,
            LastName = PersonName.Check(entry.Details.LastName, PersonName.Last).Name,
            Role = role,
            ServiceAreas = areas,
            RepeatsLine = entry.FirstLine,
            Problem = problem,
            Suggestion = entry.Suggestion,
        };
    }

    /// <summary>The role and area that a file gives to one person, by their names.</summary>
    private (string? Role, Guid[]? Areas, string? Problem) AccessOf(AddressDetails details)
    {
        var role = offer.Roles.FirstOrDefault(r => Same(r.Name, details.Role) || Same(r.Key, details.Role));
        var area = offer.Areas.FirstOrDefault(a => Same(a.Name, details.ServiceArea));
        string? problem = null;
        if (details.Role is not null && role is null)
        {
            problem = $"“{details.Role}” is not a role you can give";
        }
        else if (details.ServiceArea is not null && area is null)
        {
            var article = "aeiou".Contains(areaWord[0], StringComparison.OrdinalIgnoreCase) ? "an" : "a";
            problem = $"“{details.ServiceArea}” is not {article} {areaWord} you can give";
        }

        return (role?.Key, area is null ? null : [area.Id], problem);

        static bool Same(string name, string? typed) =>
            string.Equals(name, PlainText.OneLine(typed), StringComparison.OrdinalIgnoreCase);
    }
}
