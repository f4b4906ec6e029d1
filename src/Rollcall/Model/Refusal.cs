namespace Rollcall.Model;

/// <summary>A rule said no, in the words that the person reads.</summary>
/// <param name="Field">
/// The field that the words are about; empty for the form as a whole; null when no other answer would help.
/// </param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="UserId">The person that the words are about; null if there is none.</param>
internal sealed record Refusal(string? Field, string Message, Guid? UserId = null);
