namespace Rollcall.Model;

/// <summary>Why a rule refuses an operation, in words for the person.</summary>
/// <param name="Field">The form field that the words belong to; null if they concern the whole request.</param>
/// <param name="Message">What is wrong and what to do.</param>
internal sealed record Refusal(string? Field, string Message);
