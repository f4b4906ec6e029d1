namespace Rollcall.Model;

/// <summary>Why a rule refuses an operation, in words for the person.</summary>
/// <param name="Field">The form field that the words belong to; null if they concern the whole request.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="UserId">The person that the words are about; null if there is none.</param>
internal sealed record Refusal(string? Field, string Message, Guid? UserId = null);
