namespace Rollcall.Model;

/// <summary>A list of addresses to invite: entered, checked line by line, and confirmed once.</summary>
internal sealed class InvitationList
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid OrganisationId { get; init; }
    public required Guid ByUser { get; init; }

    /// <summary>Empty if not chosen yet, or if each line has its own.</summary>
    public required string Role { get; set; }

    /// <summary>The service areas that the people may use; empty for all.</summary>
    public required Guid[] ServiceAreas { get; set; }

    /// <summary>The text as typed, for editing. Null for a file, and once the list is confirmed.</summary>
    public string? Typed { get; set; }

    /// <summary>The uploaded file's name; null if the list was typed.</summary>
    public string? FileName { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ConfirmedAt { get; set; }
}

/// <summary>One line of an invitation list, and its outcome.</summary>
internal sealed class InvitationLine
{
    public required Guid OrganisationId { get; init; }
    public required Guid ListId { get; init; }
    public required int Position { get; init; }

    /// <summary>The line number in the list as entered, from 1.</summary>
    public required int Line { get; init; }
    public required string Text { get; init; }

    /// <summary>Null if there is nothing to invite: not an address, or a repeat.</summary>
    public string? Email { get; init; }
    public string? EmailKey { get; init; }
    public string? FirstName { get; init; }
    public string? LastName { get; init; }

    /// <summary>The role given in the file; null to use the list's.</summary>
    public string? Role { get; init; }

    /// <summary>The service areas given in the file; null to use the list's.</summary>
    public Guid[]? ServiceAreas { get; init; }

    /// <summary>Why this line cannot be invited, in words; null if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The address that was probably meant; may also be set for a valid address.</summary>
    public string? Suggestion { get; init; }

    /// <summary>The line where this address first appears; null if it is not a repeat.</summary>
    public int? RepeatsLine { get; init; }

    /// <summary>One of <see cref="InvitationOutcomes"/>; null until the list is confirmed.</summary>
    public string? Outcome { get; set; }
    public Guid? MembershipId { get; set; }
}

internal static class InvitationOutcomes
{
    /// <summary>Added, and sent an invitation.</summary>
    public const string Invited = "invited";

    /// <summary>Added and told by email, because they already have an account.</summary>
    public const string Added = "added";

    /// <summary>Added, but not emailed because their account is paused.</summary>
    public const string Paused = "paused";

    /// <summary>Already belonged to the organisation.</summary>
    public const string Already = "already";

    /// <summary>Not added: their mailbox has reached the daily limit of emails.</summary>
    public const string TooMany = "too-many";
}

/// <summary>A part of an organisation that people can be limited to.</summary>
internal sealed class ServiceArea
{
    public const int LongestName = 100;

    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid OrganisationId { get; init; }
    public required string Name { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Lets a member use one service area. Without any grants, a member can use all areas.</summary>
internal sealed class AccessGrant
{
    public required Guid OrganisationId { get; init; }
    public required Guid MembershipId { get; init; }
    public required Guid ServiceAreaId { get; init; }
}
