namespace Rollcall.Users.Add;

/// <summary>The answers of somebody who adds a user.</summary>
/// <param name="Role">The key of the role; null until it is chosen, or where there is nothing to choose.</param>
internal sealed record NewUser(PersonalDetails Person, string? Role)
{
    /// <summary>What they will be, of what the viewer may give; null when that is still to be chosen.</summary>
    public Role? RoleAmong(IReadOnlyList<Role> choices) => choices is [var only] ? only : choices.FirstOrDefault(role => role.Key == Role);
}
