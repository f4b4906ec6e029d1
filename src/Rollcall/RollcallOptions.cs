using System.ComponentModel.DataAnnotations;
using Rollcall.Addresses;

namespace Rollcall;

/// <summary>
/// The settings of one deployment, which serves one <em>service</em>. Bound to the <c>Rollcall</c> section of the
/// configuration. Invalid settings stop the application when it starts, with a message that lists all of them.
/// </summary>
public sealed class RollcallOptions
{
    /// <summary>The service's name as people know it, shown in the header, in page titles and in every email.</summary>
    [Required]
    public string ServiceName { get; set; } = "Rollcall";

    /// <summary>
    /// What people use the service for, to follow "You can use it to …". It tells an invited person who has never heard
    /// of the service what it is. Required outside Development.
    /// </summary>
    public string ServicePurpose { get; set; } = "";

    /// <summary>
    /// The URL of the service itself, linked from the end of registration and from an organisation's page. Null by
    /// default: people stay on the organisation's page. Must be https outside Development.
    /// </summary>
    public Uri? ServiceUrl { get; set; }

    /// <summary>
    /// The public URL of this application: scheme, host and port, without a path. Every link in an email starts with
    /// it, never with the request's Host header, which an attacker can choose (OWASP Forgot Password Cheat Sheet). Must
    /// be https outside Development.
    /// </summary>
    [Required]
    public Uri PublicBaseUrl { get; set; } = new("http://localhost:5080");

    /// <summary>The support team's mailbox, shown on pages and in emails and used as the reply-to address.</summary>
    [Required, EmailAddress]
    public string SupportEmail { get; set; } = "support@example.com";

    /// <summary>What emails call the support team, as in "added by …".</summary>
    [Required]
    public string SupportName { get; set; } = "the support team";

    /// <summary>
    /// The organisation that runs the service and is the controller of its personal data, named in the privacy notice
    /// and the accessibility statement.
    /// </summary>
    public string RunBy { get; set; } = "";

    /// <summary>What the privacy notice says about this deployment.</summary>
    public PrivacyOptions Privacy { get; set; } = new();

    /// <summary>What the accessibility statement says about this deployment.</summary>
    public AccessibilityOptions Accessibility { get; set; } = new();

    /// <summary>
    /// The look. <see cref="Branding.GovUk"/> is for services on GOV.UK domains only: the crown and the font are
    /// licensed to them alone.
    /// </summary>
    public Branding Branding { get; set; } = Branding.Generic;

    /// <summary>
    /// Marks a deployment that is not the live service, such as "Test". Shown in the phase banner and before every
    /// email's subject. Empty in production.
    /// </summary>
    public string EnvironmentLabel { get; set; } = "";

    /// <summary>
    /// What support users can see and do. The default page size is 25, and names and addresses can always be edited.
    /// </summary>
    public ConsoleOptions Support { get; set; } =
        new()
        {
            PageSize = 25,
            EditName = EditPolicy.Always,
            EditEmail = EditPolicy.Always,
            ActionsInList = true,
        };

    /// <summary>
    /// What organisations' admins can see and do. The default page size is 50, and names and addresses can be edited
    /// until the person first signs in.
    /// </summary>
    public ConsoleOptions Organisation { get; set; } =
        new()
        {
            PageSize = 50,
            EditName = EditPolicy.UntilFirstSignIn,
            EditEmail = EditPolicy.UntilFirstSignIn,
            ActionsInList = true,
        };

    /// <summary>
    /// Domains whose email addresses are refused, including their subdomains, such as free mail providers. Empty by
    /// default.
    /// </summary>
    public IList<string> BlockedEmailDomains { get; set; } = [];

    /// <summary>
    /// The reverse proxies in front, as IP addresses or networks such as 10.0.0.0/8. Only their X-Forwarded headers are
    /// trusted for a person's IP address and for https (ASVS 5.0, 4.1.3). Empty by default: none are trusted.
    /// </summary>
    public IList<string> TrustedProxies { get; set; } = [];

    /// <summary>
    /// The secret from which links are derived and with which codes, second factors and cookie keys are protected: at
    /// least 32 random bytes in base 64, such as from <c>openssl rand -base64 32</c>. It must be the same on every
    /// instance and kept outside the database. Changing it ends every link and session; see <c>rotate-secret</c> in
    /// docs/operating.md.
    /// </summary>
    [Required]
    public string Secret { get; set; } = "";

    /// <summary>
    /// How many hours an invitation's link works: 1 to 8,784, by default 168 (seven days). Null: the link never
    /// expires.
    /// </summary>
    [Range(1, 24 * 366)]
    public double? InvitationHours { get; set; } = 168;

    /// <summary>
    /// How many minutes a removal can be undone: 0 to 60, by default 10. The email about the removal is sent when they
    /// are over. 0: it is sent at once and removals cannot be undone.
    /// </summary>
    [Range(0, 60)]
    public int UndoMinutes { get; set; } = 10;

    /// <summary>
    /// How many hours before an invitation expires the person is reminded, once: 1 to 720, by default 48. Null: never.
    /// </summary>
    [Range(1, 24 * 30)]
    public double? RemindHoursBefore { get; set; } = 48;

    /// <summary>
    /// After how many months without signing in a person is listed for review: 1 to 60, by default 6.
    /// </summary>
    [Range(1, 60)]
    public int ReviewAfterMonths { get; set; } = 6;

    /// <summary>
    /// Whether people must give a mobile number when they create an account. Null, the default: only where security
    /// codes can be sent by text message. If true where they cannot, <see cref="MobileReason"/> is required.
    /// </summary>
    public bool? AskForMobile { get; set; }

    /// <summary>
    /// What a mobile number is used for, as a sentence shown beside the field, such as “We call you if …”. Empty by
    /// default.
    /// </summary>
    public string MobileReason { get; set; } = "";

    /// <summary>
    /// The roles in an organisation, from the least powerful to the most. No one can give a role above their own. With
    /// a single role, no one is asked for one and everyone manages users. Empty, the default: "Member", and "Admin",
    /// who manages users.
    /// </summary>
    public IList<Role> Roles { get; set; } = [];

    /// <summary>How people sign in.</summary>
    public SignInOptions SignIn { get; set; } = new();

    /// <summary>Whether organisations can invite many people at once, from a list. On by default.</summary>
    public bool BulkInvitations { get; set; } = true;

    /// <summary>Daily limits on emails and the size of lists.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>How long each kind of record is kept.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>How emails are sent.</summary>
    public EmailOptions Email { get; set; } = new();

    /// <summary>GOV.UK Notify, for emails if it is the sender, and for text messages with any sender.</summary>
    public NotifyOptions Notify { get; set; } = new();
}

/// <summary>The look of every page.</summary>
public enum Branding
{
    /// <summary>System fonts and a neutral colour, for any service.</summary>
    Generic,

    /// <summary>The GOV.UK header, font and colours, for services on GOV.UK domains only.</summary>
    GovUk,
}

/// <summary>When a person's name or email address can be edited.</summary>
public enum EditPolicy
{
    /// <summary>Never: remove the person and add them again.</summary>
    Never,

    /// <summary>Until the person first signs in.</summary>
    UntilFirstSignIn,

    /// <summary>At any time.</summary>
    Always,
}

/// <summary>
/// Settings of one console. Support users and organisations' admins use the same screens with different settings.
/// </summary>
public sealed class ConsoleOptions
{
    /// <summary>Rows per page of a list: 1 to 500.</summary>
    [Range(1, 500)]
    public int PageSize { get; set; }

    /// <summary>
    /// Whether each row of a list offers to pause, resume and resend. A person's own page always does.
    /// </summary>
    public bool ActionsInList { get; set; }

    /// <summary>
    /// Whether a person's page shows their organisations and when they last signed in. Shown to support users only.
    /// </summary>
    public bool ShowsActivity { get; set; } = true;

    /// <summary>When the name can be edited.</summary>
    public EditPolicy EditName { get; set; }

    /// <summary>When the email address can be edited.</summary>
    public EditPolicy EditEmail { get; set; }

    /// <summary>What its people can do with users, to follow "You’ll be able to".</summary>
    internal string Managing =>
        EditName == EditPolicy.Never && EditEmail == EditPolicy.Never
            ? "add and remove users"
            : "add, change and remove users";
}
