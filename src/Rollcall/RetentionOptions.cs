using System.ComponentModel.DataAnnotations;

namespace Rollcall;

/// <summary>How many days each kind of record is kept. Older records are deleted within the hour.</summary>
public sealed class RetentionOptions
{
    /// <summary>
    /// Emails and text messages, from when they were sent, refused or replaced; and links to reset a password or
    /// confirm an email address. 7 to 3,653 days, by default 90. Messages that still wait to be sent are never deleted.
    /// </summary>
    [Range(7, 3653)]
    public int Messages { get; set; } = 90;

    /// <summary>
    /// Sessions with their IP address and browser, from signing in: 1 to 366 days, by default 1. A session works for at
    /// most 12 hours.
    /// </summary>
    [Range(1, 366)]
    public int Sessions { get; set; } = 1;

    /// <summary>Unfinished answers and unconfirmed invitation lists: 1 to 90 days, by default 7.</summary>
    [Range(1, 90)]
    public int Drafts { get; set; } = 7;

    /// <summary>Confirmed invitation lists, from the invitation: 1 to 3,653 days, by default 366.</summary>
    [Range(1, 3653)]
    public int Lists { get; set; } = 366;

    /// <summary>
    /// The audit log: who did what, to whom and when. 90 to 36,525 days, by default 2,557 (seven years). Null: for
    /// ever.
    /// </summary>
    [Range(90, 36525)]
    public int? Audit { get; set; } = 2557;
}
