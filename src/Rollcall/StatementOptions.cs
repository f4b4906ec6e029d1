using System.ComponentModel.DataAnnotations;
using Rollcall.Addresses;

namespace Rollcall;

/// <summary>What only the organisation that runs the service can say in its privacy notice.</summary>
public sealed class PrivacyOptions
{
    /// <summary>
    /// The contact for questions about personal data, such as the data protection officer. Null by default: the support
    /// mailbox.
    /// </summary>
    [EmailAddress]
    public string? ContactEmail { get; set; }

    /// <summary>
    /// The path of a Markdown file with this organisation's own part of the notice, such as the lawful basis, and who
    /// else processes the data and where. Shown between who is responsible and what is kept. Null by default: nothing
    /// is added. The application does not start if the file cannot be read.
    /// </summary>
    public string? File { get; set; }
}

/// <summary>What only the organisation that runs the service can say in its accessibility statement.</summary>
public sealed class AccessibilityOptions
{
    /// <summary>The result of an audit against WCAG 2.2, level AA.</summary>
    public Compliance Compliance { get; set; } = Compliance.NotAudited;

    /// <summary>What is not accessible and why, one sentence each. Empty by default.</summary>
    public IList<string> Problems { get; set; } = [];

    /// <summary>When the statement was prepared. Null by default: the statement does not say.</summary>
    public DateOnly? PreparedOn { get; set; }

    /// <summary>When the statement was last reviewed. Null by default.</summary>
    public DateOnly? ReviewedOn { get; set; }

    /// <summary>When people last tested the service. Null by default.</summary>
    public DateOnly? TestedOn { get; set; }

    /// <summary>Who tested it. Empty by default.</summary>
    public string TestedBy { get; set; } = "";

    /// <summary>
    /// How many working days it takes to answer a request for another format: 1 to 60, by default 10.
    /// </summary>
    [Range(1, 60)]
    public int AnswerWithinDays { get; set; } = 10;
}

/// <summary>How far the service meets WCAG 2.2, level AA, in the words of the model accessibility statement.</summary>
public enum Compliance
{
    /// <summary>Not audited, so compliance is unknown.</summary>
    NotAudited,

    /// <summary>Fully compliant.</summary>
    Full,

    /// <summary>Partially compliant.</summary>
    Partial,

    /// <summary>Not compliant.</summary>
    Not,
}
