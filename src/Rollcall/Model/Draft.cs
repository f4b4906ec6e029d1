namespace Rollcall.Model;

/// <summary>
/// Answers so far in a journey. Only its viewer can open it, and only in the organisation (or outside all) and for the
/// user it was begun for.
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

    /// <summary>When it was confirmed. A confirm that comes again leads to what the first one did.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>The user that the confirm added or changed.</summary>
    public Guid? ResultId { get; set; }
}
