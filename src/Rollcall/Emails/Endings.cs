namespace Rollcall.Emails;

/// <summary>
/// Why a message was not sent and will not be: the values of <see cref="Data.OutgoingMessage.EndedBecause"/>.
/// </summary>
internal static class Endings
{
    /// <summary>The server refused it; LastError has the reason.</summary>
    public const string Refused = "refused";

    /// <summary>It failed for hours; LastError has the last reason.</summary>
    public const string GaveUp = "gave-up";

    /// <summary>The server did not answer, and another attempt could send a duplicate.</summary>
    public const string Unknown = "unknown";

    /// <summary>The row cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>It was only useful for minutes, and they have passed.</summary>
    public const string Late = "late";

    /// <summary>A newer link replaced it.</summary>
    public const string Newer = "newer";

    /// <summary>The person was removed before it was sent.</summary>
    public const string Removed = "removed";

    /// <summary>The person's address was changed before it was sent.</summary>
    public const string Readdressed = "readdressed";

    /// <summary>The removal that it announces was undone, or the person was added again.</summary>
    public const string Undone = "undone";
}
