using Microsoft.Extensions.Options;
using Rollcall.Model;

namespace Rollcall.Web;

/// <summary>
/// What every page of a request knows: who asks, and about which organisation. Set once, by <see cref="Gate"/>.
/// </summary>
internal sealed class Current(IOptions<RollcallOptions> options, TimeProvider clock)
{
    public RollcallOptions Options => options.Value;

    public Roles Roles { get; } = Roles.Of(options.Value);

    /// <summary>
    /// One instant for the whole request, so that a list and its labels agree. To the microsecond, which is what the
    /// database keeps.
    /// </summary>
    public DateTimeOffset Now { get; } = new(clock.GetUtcNow().Ticks / 10 * 10, TimeSpan.Zero);

    public Viewer? ViewerIfSignedIn { get; set; }

    /// <summary>It is known whether anyone is signed in: the page that tells of a refusal need not ask again.</summary>
    public bool IsViewerKnown { get; set; }

    /// <summary>
    /// The address of a person with a session whose account is paused, or every membership; null for everyone else.
    /// </summary>
    public string? Paused { get; set; }

    /// <summary>The session of the request; null when no one is signed in.</summary>
    public SessionFacts? Session { get; set; }

    /// <summary>
    /// Whether the person proved who they are a short while ago, as changing how one signs in demands.
    /// </summary>
    public bool ConfirmedLately => Session?.ConfirmedAt > Now - Web.Session.ProofLasts;

    /// <summary>An organisation of theirs, or being support staff, demands a second factor.</summary>
    public bool SecondFactorIsDemanded { get; set; }

    /// <summary>
    /// An organisation of theirs (or being support staff) demands a second factor, and this session has none.
    /// </summary>
    public bool NeedsSecondFactor { get; set; }

    /// <summary>The password is set and something else is still missing: nothing of the service is open yet.</summary>
    public bool HasUnfinishedRegistration { get; set; }

    /// <summary>
    /// The organisations of the viewer that ask for another way to sign in than the one of this session.
    /// </summary>
    public IReadOnlyCollection<Guid> AskForAnotherWay { get; set; } = [];

    /// <summary>
    /// The viewer's organisations that they were added to since they last signed in, and have not opened yet.
    /// </summary>
    public IReadOnlyCollection<Guid> AddedSince { get; set; } = [];

    /// <summary>The current version of the terms is not accepted yet.</summary>
    public bool NeedsTerms { get; set; }

    public Organisation? OrganisationIfAny { get; set; }

    /// <summary>Only on pages that need someone to be signed in.</summary>
    public Viewer Viewer =>
        ViewerIfSignedIn
        ?? throw new InvalidOperationException("No one is signed in: the page's permission lets anyone in.");

    /// <summary>The viewer at the instant of this request, for operations.</summary>
    public Actor Actor => new(ViewerIfSignedIn, Now);

    /// <summary>Only on pages below /organisations/{organisationId}.</summary>
    public Organisation Organisation =>
        OrganisationIfAny ?? throw new InvalidOperationException("The address of this page names no organisation.");

    /// <summary>The rules of the viewer's console.</summary>
    public ConsoleOptions Console => Viewer.IsSupport ? Options.Support : Options.Organisation;
}
