using Microsoft.AspNetCore.Mvc.ModelBinding;
using Rollcall.Addresses;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>The three answers about a person, as typed. A form can post nothing else.</summary>
internal sealed class PersonalDetails
{
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public string? Email { get; set; }

    /// <summary>
    /// Answers that were right when they were given. The form, which checks what it shows, says what is wrong now.
    /// </summary>
    public static readonly Refusal Outdated = new(nameof(Email), "Check these details again");

    /// <summary>Replaces what was typed by what is kept, or adds an error to each field that is wrong.</summary>
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

    /// <summary>
    /// The same for answers from a draft: they may be days old, and the rules may have changed since.
    /// </summary>
    /// <returns>Null when they are no longer right.</returns>
    public EmailAddress? CheckAgain(IEnumerable<string> blockedDomains)
    {
        var errors = new ModelStateDictionary();
        Check(errors, blockedDomains);
        return errors.IsValid && EmailAddress.TryParse(Email, out var email) ? email : null;
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
