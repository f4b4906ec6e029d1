namespace Rollcall.Users.Add;

/// <summary>The answers of somebody who adds a user.</summary>
/// <param name="Role">The key of the role; null until it is chosen, or where there is nothing to choose.</param>
/// <param name="Areas">The parts of the organisation that they may use; null until they are chosen, none for all.</param>
internal sealed record NewUser(PersonalDetails Person, string? Role = null, Guid[]? Areas = null);
