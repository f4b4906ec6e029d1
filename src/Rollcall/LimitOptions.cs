using System.ComponentModel.DataAnnotations;

namespace Rollcall;

/// <summary>
/// Limits that apply across all instances. They keep a stolen session from sending thousands of emails in the service's
/// name.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>
    /// Emails to other people that one person may cause in 24 hours by adding people, resending invitations and
    /// changing addresses. Invitation lists are not counted. 1 to 1,000,000, by default 100.
    /// </summary>
    [Range(1, 1_000_000)]
    public int InvitationsADay { get; set; } = 100;

    /// <summary>The same limit for one support user. By default 1,000.</summary>
    [Range(1, 1_000_000)]
    public int SupportMessagesADay { get; set; } = 1000;

    /// <summary>Addresses in one invitation list: 1 to 50,000, by default 10,000.</summary>
    [Range(1, 50_000)]
    public int AddressesInAList { get; set; } = 10_000;

    /// <summary>
    /// Emails that one organisation may send in 24 hours with lists and by resending all expired invitations: 1 to
    /// 1,000,000, by default 10,000. Support can set another limit for one organisation.
    /// </summary>
    [Range(1, 1_000_000)]
    public int BulkInvitationsADay { get; set; } = 10_000;
}
