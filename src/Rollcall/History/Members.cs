namespace Rollcall.History;

/// <param name="KnownElsewhere">Whether the address was known before; not recorded for a list.</param>
/// <param name="List">The invitation list that they were on.</param>
internal sealed record MemberAdded(string? Email, string? Role, bool? KnownElsewhere = null, Guid? List = null)
    : Event("added")
{
    public override string Sentence(EventContext context) => $"{context.By} added them to {context.Organisation}";
}

internal sealed record MemberRemoved() : Event("removed")
{
    public override string Sentence(EventContext context) => $"{context.By} removed them from {context.Organisation}";
}

internal sealed record RemovalUndone() : Event("removal-undone")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} undid their removal from {context.Organisation}";
}

internal sealed record MemberPaused(string? Reason) : Event("paused")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} paused their access to {context.Organisation}{(Reason is null ? "" : $": {Reason}")}";
}

internal sealed record MemberResumed() : Event("resumed")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} resumed their access to {context.Organisation}";
}

/// <summary>An admin looked at someone who had not signed in for long.</summary>
/// <param name="Kept">False if they were removed.</param>
/// <param name="Name">Their name on that day.</param>
internal sealed record AccessReviewed(bool? Kept, string? Name) : Event("access-reviewed")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} reviewed their access to {context.Organisation}"
        + Kept switch
        {
            true => " and kept them",
            false => " and removed them",
            null => "",
        };

    /// <summary>"Grace Hopper kept Ada Lovelace", for a list of reviews.</summary>
    public string Decision(string by) =>
        $"{by} {(Kept is null ? "reviewed" : Kept.Value ? "kept" : "removed")} {Name ?? "a user"}";
}
