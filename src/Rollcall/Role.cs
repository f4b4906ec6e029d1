using System.ComponentModel.DataAnnotations;

namespace Rollcall;

/// <summary>
/// What somebody can be in an organisation. The service that Rollcall serves decides what its own roles open; Rollcall
/// itself knows who manages users.
/// </summary>
public sealed class Role
{
    /// <summary>
    /// What is kept with each person: small letters, digits and hyphens. Changing it takes the role from everybody who
    /// has it.
    /// </summary>
    [
        Required,
        RegularExpression(
            "^[a-z0-9][a-z0-9-]{0,49}$",
            ErrorMessage = "Key must be small letters, digits and hyphens, 50 at most"
        )
    ]
    public string Key { get; set; } = "";

    /// <summary>Its name on screens and in emails.</summary>
    [Required, StringLength(100)]
    public string Name { get; set; } = "";

    /// <summary>What somebody with it can do, shown where it is chosen. Empty: nothing is shown.</summary>
    [StringLength(200)]
    public string Description { get; set; } = "";

    /// <summary>Whether somebody with it may add, invite, edit, pause and remove the organisation's people.</summary>
    public bool ManagesUsers { get; set; }
}
