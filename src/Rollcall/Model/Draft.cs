namespace Rollcall.Model;

/// <summary>
/// Answers so far in a journey. Only its viewer can open it, and only in the organisation (or outside all
/// organisations) and for the user that it was started for.
/// </summary>
internal sealed class Draft
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required string Kind { get; init; }
    public required Guid ViewerId { get; init; }

    /// <summary>Null for what support does outside every organisation.</summary>
    public Guid? OrganisationId { get; init; }
    public Guid? UserId { get; init; }
    public required string Answers { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was confirmed. Confirming again leads to the first result.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>The user that confirming added or changed.</summary>
    public Guid? ResultId { get; set; }
}
