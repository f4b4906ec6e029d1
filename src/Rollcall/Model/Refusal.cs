namespace Rollcall.Model;

/// <summary>A rule said no, in the words that the person reads.</summary>
/// <param name="Field">The field the words belong to, or null when they concern the whole request.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="UserId">The person the words are about, to link to, if there is one.</param>
internal sealed record Refusal(string? Field, string Message, Guid? UserId = null);
