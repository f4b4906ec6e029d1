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

/// <summary>How emails are sent.</summary>
public sealed class EmailOptions
{
    /// <summary>
    /// Which sender to use: the development mailbox (shown at /dev/mailbox, sends nothing), an SMTP server or GOV.UK
    /// Notify. The mailbox is refused outside Development.
    /// </summary>
    public EmailSenderKind Sender { get; set; } = EmailSenderKind.Mailbox;

    /// <summary>The From address. Its domain's SPF and DKIM records must allow the SMTP server.</summary>
    [Required, EmailAddress]
    public string From { get; set; } = "no-reply@example.com";

    /// <summary>The SMTP server, used if <see cref="Sender"/> is <see cref="EmailSenderKind.Smtp"/>.</summary>
    public SmtpOptions Smtp { get; set; } = new();
}

/// <summary>The ways to send email.</summary>
public enum EmailSenderKind
{
    /// <summary>Stored in the database and shown at /dev/mailbox. Refused outside Development.</summary>
    Mailbox,

    /// <summary>Sent through an SMTP server.</summary>
    Smtp,

    /// <summary>Sent through GOV.UK Notify.</summary>
    Notify,
}

/// <summary>A GOV.UK Notify account.</summary>
public sealed class NotifyOptions
{
    /// <summary>
    /// The API key as Notify shows it when it is created: a name, the service ID and the secret key, joined by hyphens.
    /// </summary>
    public string ApiKey { get; set; } = "";

    /// <summary>
    /// The ID of the email template. Its subject must be <c>((subject))</c> and its message <c>((body))</c>. Required
    /// if Notify is the sender.
    /// </summary>
    public Guid? EmailTemplate { get; set; }

    /// <summary>
    /// The ID of the text message template. Its message must be <c>((body))</c>. Null, the default: no codes are sent
    /// by text message.
    /// </summary>
    public Guid? TextTemplate { get; set; }

    /// <summary>The address of Notify's API. Must be https outside Development.</summary>
    public Uri BaseUrl { get; set; } = new("https://api.notifications.service.gov.uk");

    /// <summary>
    /// How many messages one instance sends to Notify in a minute, by default 3,000: Notify's limit for all instances
    /// together.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MessagesAMinute { get; set; } = 3000;

    internal bool SendsTexts => ApiKey.Length > 0 && TextTemplate is not null;
}

/// <summary>An SMTP server.</summary>
public sealed class SmtpOptions
{
    /// <summary>The host name.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>The port: 1 to 65,535, by default 587 (submission with STARTTLS).</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>
    /// Whether to require STARTTLS and check the certificate. On by default. Turn it off only for a relay on the same
    /// machine.
    /// </summary>
    public bool StartTls { get; set; } = true;

    /// <summary>The user name. Empty by default: no authentication.</summary>
    public string UserName { get; set; } = "";

    /// <summary>The password for <see cref="UserName"/>.</summary>
    public string Password { get; set; } = "";
}
