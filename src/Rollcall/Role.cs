using System.ComponentModel.DataAnnotations;

namespace Rollcall;

/// <summary>
/// A role in an organisation. The service that uses Rollcall decides what each role allows; Rollcall itself only knows
/// which roles manage users.
/// </summary>
public sealed class Role
{
    /// <summary>
    /// The identifier stored with each member: at most 50 lower-case letters, digits and hyphens, not starting with a
    /// hyphen. Changing it takes the role away from everyone who has it. Required.
    /// </summary>
    [
        Required,
        RegularExpression(
            "^[a-z0-9][a-z0-9-]{0,49}$",
            ErrorMessage = "Key must be at most 50 lower-case letters, digits and hyphens"
        )
    ]
    public string Key { get; set; } = "";

    /// <summary>The name on screens and in emails, at most 100 characters. Required.</summary>
    [Required, StringLength(100)]
    public string Name { get; set; } = "";

    /// <summary>
    /// What people with this role can do, shown where it is chosen; at most 200 characters. Empty by default: nothing
    /// is shown.
    /// </summary>
    [StringLength(200)]
    public string Description { get; set; } = "";

    /// <summary>
    /// Whether people with this role can add, invite, edit, pause and remove the organisation's users. Off by default.
    /// </summary>
    public bool ManagesUsers { get; set; }
}
