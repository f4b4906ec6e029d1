using Microsoft.Extensions.Options;
using Rollcall.Model;

namespace Rollcall.Web;

/// <summary>The viewer and organisation of this request. Set once, by <see cref="Gate"/>.</summary>
internal sealed class Current(IOptions<RollcallOptions> options, TimeProvider clock)
{
    public RollcallOptions Options => options.Value;

    public Roles Roles { get; } = Roles.Of(options.Value);

    /// <summary>
    /// The same instant for the whole request, so that a list and its labels agree. Truncated to microseconds,
    /// PostgreSQL's precision.
    /// </summary>
    public DateTimeOffset Now { get; } = new(clock.GetUtcNow().Ticks / 10 * 10, TimeSpan.Zero);

    public Viewer? ViewerIfSignedIn { get; set; }

    /// <summary>Whether the viewer has been looked up, so that an error page need not look again.</summary>
    public bool IsViewerKnown { get; set; }

    /// <summary>
    /// The email address of a signed-in person whose account or every membership is paused; null for everyone else.
    /// </summary>
    public string? Paused { get; set; }

    /// <summary>The request's session; null if no one is signed in.</summary>
    public SessionFacts? Session { get; set; }

    /// <summary>Whether the person proved who they are recently enough to change how they sign in.</summary>
    public bool ConfirmedLately => Session?.ConfirmedAt > Now - Web.Session.ProofLasts;

    /// <summary>Whether one of their organisations, or being a support user, requires a second factor.</summary>
    public bool SecondFactorIsDemanded { get; set; }

    /// <summary>Whether a second factor is required and this session has none.</summary>
    public bool NeedsSecondFactor { get; set; }

    /// <summary>
    /// Whether the password is set but registration is not complete, so that nothing else is open yet.
    /// </summary>
    public bool HasUnfinishedRegistration { get; set; }

    /// <summary>The viewer's organisations that require a different way to sign in than this session's.</summary>
    public IReadOnlyCollection<Guid> AskForAnotherWay { get; set; } = [];

    /// <summary>Organisations that the viewer was added to since they last signed in, and has not opened yet.</summary>
    public IReadOnlyCollection<Guid> AddedSince { get; set; } = [];

    /// <summary>Whether the current version of the terms has not been accepted yet.</summary>
    public bool NeedsTerms { get; set; }

    public Organisation? OrganisationIfAny { get; set; }

    /// <summary>The signed-in person. Only for pages that require signing in.</summary>
    public Viewer Viewer =>
        ViewerIfSignedIn
        ?? throw new InvalidOperationException("No one is signed in: the page's permission lets anyone in.");

    /// <summary>The viewer at the instant of this request, for operations.</summary>
    public Actor Actor => new(ViewerIfSignedIn, Now);

    /// <summary>Only for pages under /organisations/{organisationId}.</summary>
    public Organisation Organisation =>
        OrganisationIfAny ?? throw new InvalidOperationException("The address of this page names no organisation.");

    /// <summary>The settings of the viewer's console.</summary>
    public ConsoleOptions Console => Viewer.IsSupport ? Options.Support : Options.Organisation;
}
