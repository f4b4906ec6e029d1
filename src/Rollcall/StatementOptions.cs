using System.ComponentModel.DataAnnotations;
using Rollcall.Addresses;

namespace Rollcall;

/// <summary>What only the organisation that runs the service can say in its privacy notice.</summary>
public sealed class PrivacyOptions
{
    /// <summary>
    /// Who answers questions about personal data, such as the data protection officer. Empty: the support mailbox.
    /// </summary>
    [EmailAddress]
    public string? ContactEmail { get; set; }

    /// <summary>
    /// A Markdown file with the notice's own words, such as the lawful basis, who else handles the data and where. It
    /// stands in the notice between who is responsible and what is kept. Empty: none.
    /// </summary>
    public string? File { get; set; }
}

/// <summary>What only the organisation that runs the service can say in its accessibility statement.</summary>
public sealed class AccessibilityOptions
{
    /// <summary>What an audit against WCAG 2.2, level AA, has found.</summary>
    public Compliance Compliance { get; set; } = Compliance.NotAudited;

    /// <summary>What is not accessible and why, a sentence each.</summary>
    public IList<string> Problems { get; set; } = [];

    /// <summary>When the statement was prepared. Empty: the statement does not say.</summary>
    public DateOnly? PreparedOn { get; set; }

    /// <summary>When it was last reviewed.</summary>
    public DateOnly? ReviewedOn { get; set; }

    /// <summary>When the service was last tested by people.</summary>
    public DateOnly? TestedOn { get; set; }

    /// <summary>Who tested it.</summary>
    public string TestedBy { get; set; } = "";

    /// <summary>Within how many working days someone who asks for another format gets an answer.</summary>
    [Range(1, 60)]
    public int AnswerWithinDays { get; set; } = 10;
}

/// <summary>How far the service meets WCAG 2.2, level AA, in the words of the model accessibility statement.</summary>
public enum Compliance
{
    /// <summary>It has not been audited, so it is not known.</summary>
    NotAudited,

    /// <summary>Fully compliant.</summary>
    Full,

    /// <summary>Partially compliant.</summary>
    Partial,

    /// <summary>Not compliant.</summary>
    Not,
}
