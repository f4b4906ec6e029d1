namespace Rollcall.Model;

/// <summary>A list of addresses to invite: entered, looked at line by line, and confirmed once.</summary>
internal sealed class InvitationList
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid OrganisationId { get; init; }
    public required Guid ByUser { get; init; }

    /// <summary>Empty where it is not chosen yet, or each line has its own.</summary>
    public required string Role { get; set; }

    /// <summary>The parts of the organisation that they may use; none for all.</summary>
    public required Guid[] ServiceAreas { get; set; }

    /// <summary>What was entered, to be changed; gone once it is confirmed, and null for a file.</summary>
    public string? Typed { get; set; }

    /// <summary>The name of the file that the lines are from; null where they were typed.</summary>
    public string? FileName { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ConfirmedAt { get; set; }
}

/// <summary>One thing that somebody entered, and what became of it.</summary>
internal sealed class InvitationLine
{
    public required Guid BatchId { get; init; }
    public required int Position { get; init; }

    /// <summary>From 1, as the list was entered.</summary>
    public required int Line { get; init; }
    public required string Text { get; init; }

    /// <summary>Null where nothing can be invited: it is no address, or stands in the list before.</summary>
    public string? Email { get; init; }
    public string? EmailKey { get; init; }
    public string? FirstName { get; init; }
    public string? LastName { get; init; }

    /// <summary>What the file says about this person; null: as the list says.</summary>
    public string? Role { get; init; }

    /// <summary>The same.</summary>
    public Guid[]? ServiceAreas { get; init; }

    /// <summary>Why it is no address to invite, in words; null otherwise.</summary>
    public string? Problem { get; init; }

    /// <summary>Another address that was probably meant, also of one that can be invited.</summary>
    public string? Suggestion { get; init; }

    /// <summary>The line that has this address already.</summary>
    public int? RepeatsLine { get; init; }

    /// <summary>One of <see cref="InvitationOutcomes"/>, once the list is confirmed.</summary>
    public string? Outcome { get; set; }
    public Guid? MembershipId { get; set; }
}

internal static class InvitationOutcomes
{
    /// <summary>A new member, who gets a link.</summary>
    public const string Invited = "invited";

    /// <summary>A new member, who has an account already and is told.</summary>
    public const string Added = "added";

    /// <summary>A new member whose account is paused: nobody writes to them.</summary>
    public const string Paused = "paused";

    /// <summary>They belonged to the organisation by then.</summary>
    public const string Already = "already";

    /// <summary>Not added: their mailbox gets no more emails today.</summary>
    public const string TooMany = "too-many";
}

/// <summary>A part of an organisation that people may be limited to.</summary>
internal sealed class ServiceArea
{
    public const int LongestName = 100;

    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid OrganisationId { get; init; }
    public required string Name { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Somebody may use this part of the organisation. Whoever has no grant may use all of it.</summary>
internal sealed class AccessGrant
{
    public required Guid MembershipId { get; init; }
    public required Guid ServiceAreaId { get; init; }
}
