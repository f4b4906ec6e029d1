using Microsoft.AspNetCore.Mvc.ModelBinding;
using Rollcall.Addresses;

namespace Rollcall.Users;

/// <summary>The three questions about a person, as typed; and nothing else, whatever a form posts.</summary>
internal sealed class PersonalDetails
{
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public string? Email { get; set; }

    /// <summary>Replaces what was typed by what is kept, or adds an error to each field that cannot be.</summary>
    public void Check(ModelStateDictionary errors, IEnumerable<string> blockedDomains)
    {
        FirstName = CheckName(errors, nameof(FirstName), FirstName, "First name");
        LastName = CheckName(errors, nameof(LastName), LastName, "Last name");
        var (email, error) = EmailAddress.Check(Email, blockedDomains);
        if (error is not null)
        {
            errors.AddModelError(nameof(Email), error);
        }
        else
        {
            Email = email!.Display;
        }
    }

    private static string? CheckName(ModelStateDictionary errors, string field, string? text, string label)
    {
        var (name, error) = PersonName.Check(text, label);
        if (error is null)
        {
            return name;
        }

        errors.AddModelError(field, error);
        return text;
    }
}
