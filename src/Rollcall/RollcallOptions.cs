using System.ComponentModel.DataAnnotations;
using Rollcall.Addresses;

namespace Rollcall;

/// <summary>
/// How one deployment of Rollcall behaves: one deployment serves one <em>service</em>. Bound to the section
/// <c>Rollcall</c> of the configuration and checked when the application starts.
/// </summary>
public sealed class RollcallOptions
{
    /// <summary>
    /// The service's name as people know it; it stands in the header, in page titles and in every email.
    /// </summary>
    [Required]
    public string ServiceName { get; set; } = "Rollcall";

    /// <summary>
    /// What people use the service for, continuing "You can use it to …": someone who has never heard of it reads this
    /// in their invitation. Required outside Development.
    /// </summary>
    public string ServicePurpose { get; set; } = "";

    /// <summary>
    /// Where the service itself is: the page that ends a registration leads there, and so does an organisation's page.
    /// Empty: people stay on the organisation's page. Must be https outside Development.
    /// </summary>
    public Uri? ServiceUrl { get; set; }

    /// <summary>
    /// The address people type: scheme, host and port, without a path. Every link in an email starts with it, never
    /// with the request's Host header, which an attacker chooses (OWASP Forgot Password cheat sheet). Must be https
    /// outside Development.
    /// </summary>
    [Required]
    public Uri PublicBaseUrl { get; set; } = new("http://localhost:5080");

    /// <summary>The mailbox that support reads: help in emails and on pages, and the reply-to address.</summary>
    [Required, EmailAddress]
    public string SupportEmail { get; set; } = "support@example.com";

    /// <summary>What the support team is called in emails, as in "added by …".</summary>
    [Required]
    public string SupportName { get; set; } = "the support team";

    /// <summary>
    /// The organisation that runs the service and is responsible for what it keeps about people. The privacy notice and
    /// the accessibility statement name it.
    /// </summary>
    public string RunBy { get; set; } = "";

    /// <summary>The privacy notice.</summary>
    public PrivacyOptions Privacy { get; set; } = new();

    /// <summary>The accessibility statement.</summary>
    public AccessibilityOptions Accessibility { get; set; } = new();

    /// <summary>
    /// The look. <see cref="Branding.GovUk"/> is only for services on GOV.UK domains: the crown, font and blue are
    /// licensed to them alone.
    /// </summary>
    public Branding Branding { get; set; } = Branding.Generic;

    /// <summary>
    /// Stands before every email's subject and in the phase banner where this is not the real service, such as "Test".
    /// Empty in production.
    /// </summary>
    public string EnvironmentLabel { get; set; } = "";

    /// <summary>What support staff see and may do.</summary>
    public ConsoleOptions Support { get; set; } =
        new()
        {
            PageSize = 25,
            EditName = EditPolicy.Always,
            EditEmail = EditPolicy.Always,
            ActionsInList = true,
        };

    /// <summary>What an organisation's own admins see and may do.</summary>
    public ConsoleOptions Organisation { get; set; } =
        new()
        {
            PageSize = 50,
            EditName = EditPolicy.UntilFirstSignIn,
            EditEmail = EditPolicy.UntilFirstSignIn,
            ActionsInList = true,
        };

    /// <summary>
    /// Domains whose addresses are not accepted, their sub-domains included, such as free mail providers. Empty by
    /// default.
    /// </summary>
    public IList<string> BlockedEmailDomains { get; set; } = [];

    /// <summary>
    /// The proxies in front, as addresses or networks such as 10.0.0.0/8. Only they are believed when they say which
    /// address a person has and that the connection was https (ASVS 5.0, 4.1.3). Empty by default: none is.
    /// </summary>
    public IList<string> TrustedProxies { get; set; } = [];

    /// <summary>
    /// What links are made from, and what codes, second factors and the cookies' keys are sealed with: at least 32
    /// random bytes in base 64, such as <c>openssl rand -base64 32</c> prints. The same on every instance, and kept
    /// outside the database. Another one ends every link and session.
    /// </summary>
    [Required]
    public string Secret { get; set; } = "";

    /// <summary>
    /// How long an invitation's link works, in hours; 168 are seven days to the second. Null: as long as the person is
    /// invited.
    /// </summary>
    [Range(1, 24 * 366)]
    public double? InvitationHours { get; set; } = 168;

    /// <summary>
    /// How many minutes a removal can be undone; the email about it waits for as long. 0: it leaves at once, and
    /// nothing is offered.
    /// </summary>
    [Range(0, 60)]
    public int UndoMinutes { get; set; } = 10;

    /// <summary>
    /// How many hours before an invitation's link stops working its person is reminded, once. Null: never.
    /// </summary>
    [Range(1, 24 * 30)]
    public double? RemindHoursBefore { get; set; } = 48;

    /// <summary>After how many months without signing in a person is listed for a review of their access.</summary>
    [Range(1, 60)]
    public int ReviewAfterMonths { get; set; } = 6;

    /// <summary>
    /// Whether people must give a mobile number when they create an account. Not set: where security codes can be
    /// sent by text message. On where they cannot, <see cref="MobileReason"/> must say what the number is for.
    /// </summary>
    public bool? AskForMobile { get; set; }

    /// <summary>
    /// What a mobile number is used for, as a sentence shown beside the field, such as “We call you if …”.
    /// </summary>
    public string MobileReason { get; set; } = "";

    /// <summary>
    /// What people can be in an organisation, from the least powerful to the most: no one gives more than they have.
    /// With one, the question is not asked and everyone manages users. Empty: "Member" and "Admin", who manages users.
    /// </summary>
    public IList<Role> Roles { get; set; } = [];

    /// <summary>How people sign in.</summary>
    public SignInOptions SignIn { get; set; } = new();

    /// <summary>Whether organisations invite many people at a time, from a list.</summary>
    public bool BulkInvitations { get; set; } = true;

    /// <summary>How much one person, or one organisation, may send in a day.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>How long each kind of record is kept.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>How emails leave.</summary>
    public EmailOptions Email { get; set; } = new();

    /// <summary>GOV.UK Notify: for emails where it is the sender, and for text messages beside any other.</summary>
    public NotifyOptions Notify { get; set; } = new();
}

/// <summary>
/// Limits that hold for all instances together. They keep a stolen session from sending thousands of emails in the
/// service's name.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>
    /// Emails to other people that one person may cause in 24 hours, beside lists: by adding, inviting again, changing
    /// an address.
    /// </summary>
    [Range(1, 1_000_000)]
    public int InvitationsADay { get; set; } = 100;

    /// <summary>The same for one of the support staff.</summary>
    [Range(1, 1_000_000)]
    public int SupportMessagesADay { get; set; } = 1000;

    /// <summary>Addresses in one list.</summary>
    [Range(1, 50_000)]
    public int AddressesInAList { get; set; } = 10_000;

    /// <summary>
    /// Emails that one organisation may send by lists, and by resending all expired invitations, in 24 hours; it may
    /// have a limit of its own.
    /// </summary>
    [Range(1, 1_000_000)]
    public int BulkInvitationsADay { get; set; } = 10_000;
}

/// <summary>
/// How many days each kind of record is kept. What is older is deleted within the hour, by any instance.
/// </summary>
public sealed class RetentionOptions
{
    /// <summary>
    /// Emails and text messages, counted from when they were sent, refused or replaced, and links to reset a password
    /// or to confirm an email address. What still waits to be sent is never deleted.
    /// </summary>
    [Range(7, 3653)]
    public int Messages { get; set; } = 90;

    /// <summary>
    /// Sessions with their IP address and browser, counted from signing in. A session works for 12 hours at most.
    /// </summary>
    [Range(1, 366)]
    public int Sessions { get; set; } = 1;

    /// <summary>Answers that were not finished, and lists of people that were not confirmed.</summary>
    [Range(1, 90)]
    public int Drafts { get; set; } = 7;

    /// <summary>Lists of people who were invited together, counted from the invitation.</summary>
    [Range(1, 3653)]
    public int Lists { get; set; } = 366;

    /// <summary>The record of who did what, to whom and when: 7 years unless set. Null: for ever.</summary>
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

/// <summary>When a person's name or email address may be changed.</summary>
public enum EditPolicy
{
    /// <summary>Not at all: remove the person and add them again.</summary>
    Never,

    /// <summary>While the person has never signed in.</summary>
    UntilFirstSignIn,

    /// <summary>At any time.</summary>
    Always,
}

/// <summary>The rules of one console; both consoles are the same screens.</summary>
public sealed class ConsoleOptions
{
    /// <summary>People per page of a list; a second page starts with one more than this.</summary>
    [Range(1, 500)]
    public int PageSize { get; set; }

    /// <summary>
    /// Whether each row of a list offers to pause, resume and send again; they always stand on the person's own page.
    /// </summary>
    public bool ActionsInList { get; set; }

    /// <summary>
    /// Whether a person's page shows their organisations and when they last signed in. Only ever to support staff.
    /// </summary>
    public bool ShowsActivity { get; set; } = true;

    /// <summary>When the name may be changed.</summary>
    public EditPolicy EditName { get; set; }

    /// <summary>When the email address may be changed.</summary>
    public EditPolicy EditEmail { get; set; }

    /// <summary>What its people can do with users, after "You’ll be able to".</summary>
    internal string Managing =>
        EditName == EditPolicy.Never && EditEmail == EditPolicy.Never
            ? "add and remove users"
            : "add, change and remove users";
}

/// <summary>How emails leave.</summary>
public sealed class EmailOptions
{
    /// <summary>
    /// Which sender delivers: the development mailbox (shown at /dev/mailbox, sends nothing), an SMTP server or GOV.UK
    /// Notify.
    /// </summary>
    public EmailSenderKind Sender { get; set; } = EmailSenderKind.Mailbox;

    /// <summary>The address in From; its domain's SPF and DKIM records must allow the SMTP server.</summary>
    [Required, EmailAddress]
    public string From { get; set; } = "no-reply@example.com";

    /// <summary>The SMTP server, used when <see cref="Sender"/> is Smtp.</summary>
    public SmtpOptions Smtp { get; set; } = new();
}

/// <summary>The ways an email can leave.</summary>
public enum EmailSenderKind
{
    /// <summary>Kept in the database and shown at /dev/mailbox. Refused outside Development.</summary>
    Mailbox,

    /// <summary>Handed to an SMTP server.</summary>
    Smtp,

    /// <summary>Handed to GOV.UK Notify.</summary>
    Notify,
}

/// <summary>The account at GOV.UK Notify.</summary>
public sealed class NotifyOptions
{
    /// <summary>
    /// As Notify shows it when it is made: a name, the service's id and the secret, with hyphens between them.
    /// </summary>
    public string ApiKey { get; set; } = "";

    /// <summary>
    /// The id of the email template, whose subject is <c>((subject))</c> and whose message is <c>((body))</c>.
    /// </summary>
    public Guid? EmailTemplate { get; set; }

    /// <summary>
    /// The id of the text message template, whose message is <c>((body))</c>. Without it no codes are sent by text
    /// message.
    /// </summary>
    public Guid? TextTemplate { get; set; }

    /// <summary>Where Notify is. Must be https outside Development.</summary>
    public Uri BaseUrl { get; set; } = new("https://api.notifications.service.gov.uk");

    /// <summary>How many messages one instance hands over in a minute; Notify takes 3,000 from all together.</summary>
    [Range(1, 1_000_000)]
    public int MessagesAMinute { get; set; } = 3000;

    internal bool SendsTexts => ApiKey.Length > 0 && TextTemplate is not null;
}

/// <summary>Where the SMTP server is.</summary>
public sealed class SmtpOptions
{
    /// <summary>Host name.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>Port; 587 is submission with STARTTLS.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>
    /// Requires STARTTLS and checks the certificate. Turn it off only for a relay on the same machine.
    /// </summary>
    public bool StartTls { get; set; } = true;

    /// <summary>User name; empty for none.</summary>
    public string UserName { get; set; } = "";

    /// <summary>Password for <see cref="UserName"/>.</summary>
    public string Password { get; set; } = "";
}
