namespace Rollcall.Users.Add;

/// <summary>The answers so far about a user to be added.</summary>
/// <param name="Role">The key of the role; null until it is chosen, or where there is nothing to choose.</param>
/// <param name="Areas">The service areas that they may use; null until they are chosen, none for all.</param>
internal sealed record NewUser(PersonalDetails Person, string? Role = null, Guid[]? Areas = null);
