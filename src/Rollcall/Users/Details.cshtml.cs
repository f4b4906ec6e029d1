using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users;

/// <summary>
/// One person in one organisation. Support also sees where else they belong, when they last signed in, and what
/// happened.
/// </summary>
internal sealed class DetailsModel(
    Db db,
    ChangeDetails changeDetails,
    MemberPolicy policy,
    Letterhead letterhead,
    Current current
) : PageModel
{
    public Member Member { get; private set; } = null!;
    public (bool Name, bool Email) May { get; private set; }

    /// <summary>
    /// Whether the viewer may pause, remove, invite again and give access to this person: what would be refused is not
    /// offered.
    /// </summary>
    public bool MayAct { get; private set; }

    public MembershipStatus Status => Member.Status(current.Now);

    /// <summary>How they were paused; null when they are not.</summary>
    public PauseFacts? Pause { get; private set; }

    /// <summary>What they may do; null where everyone may do the same.</summary>
    public string? Role => current.Roles.AreOne ? null : current.Roles.Find(Member.Membership.Role)?.Name ?? "None";

    /// <summary>The parts of the organisation that they may use; null where it has none.</summary>
    public string? Areas { get; private set; }

    /// <summary>What became of the invitation, and until when it works; null for someone who has registered.</summary>
    public string? Invitation { get; private set; }

    public IReadOnlyList<Organisation> Organisations { get; private set; } = [];
    public IReadOnlyList<SentEmail> Emails { get; private set; } = [];
    public IReadOnlyList<HistoryEntry> History { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        var organisation = current.Organisation;
        if (await Member.FindAsync(db, organisation.Id, userId, cancellation) is not { } member)
        {
            return NotFound();
        }

        Member = member;
        May = await changeDetails.MayAsync(
            current.Viewer,
            current.Console,
            member.Account,
            member.Membership,
            member.BelongsElsewhere,
            cancellation
        );
        MayAct =
            !current.Viewer.Is(userId)
            && await policy.RefuseAsync(current.Actor, member.Membership, cancellation) is null;
        Pause = await PauseFacts.FindAsync(db, member.User, member.Membership, current, cancellation);
        if (await db.ServiceAreas.AnyAsync(a => a.OrganisationId == organisation.Id, cancellation))
        {
            var names = await (
                from g in db.AccessGrants
                where g.OrganisationId == member.Membership.OrganisationId && g.MembershipId == member.Membership.Id
                join a in db.ServiceAreas
                    on new { g.OrganisationId, Id = g.ServiceAreaId } equals new { a.OrganisationId, a.Id }
                orderby a.Name
                select a.Name
            ).ToListAsync(cancellation);
            Areas = names.Count == 0 ? "All" : string.Join(", ", names);
        }
        if (Status is MembershipStatus.Pending or MembershipStatus.Expired)
        {
            Invitation = await InvitationAsync(cancellation);
        }

        var records = await Timeline.RecordsOfAsync(db, userId, cancellation);
        if (!current.Viewer.IsSupport)
        {
            History = await HistoryHereAsync(records, cancellation);
            return Page();
        }

        Organisations = await db
            .Memberships.Where(m => m.UserId == userId && m.RemovedAt == null)
            .Select(m => m.Organisation)
            .OrderBy(o => o.Name)
            .ThenBy(o => o.Id)
            .AsNoTracking()
            .ToListAsync(cancellation);
        // The last sign-in is shown above. All of them would hide the rest.
        string[] signIns = [Event.KindOf<UserSignedIn>(), Event.KindOf<UserSignedOut>()];
        var events = db.AuditEvents.Where(e => records.Contains(e.UserId!.Value) && !signIns.Contains(e.Kind));
        History = await Timeline.ReadAsync(db, events, current.Viewer, current.Options, cancellation);
        Emails = await SentEmail.OfAsync(db, letterhead, organisation.Id, userId, cancellation);
        return Page();
    }

    /// <summary>
    /// What an organisation may know: what happened in it; and of someone who belongs nowhere else, that they
    /// registered and when they last signed in. Support staff are "the support team" to it.
    /// </summary>
    private async Task<IReadOnlyList<HistoryEntry>> HistoryHereAsync(Guid[] records, CancellationToken cancellation)
    {
        var organisation = current.Organisation.Id;
        var elsewhere = Member.BelongsElsewhere || Member.Membership.Awaited;
        var events = db.AuditEvents.Where(e =>
            records.Contains(e.UserId!.Value)
            && (e.OrganisationId == organisation || (!elsewhere && e.Kind == Event.KindOf<Registered>()))
        );
        var happened = await Timeline.ReadAsync(db, events, current.Viewer, current.Options, cancellation);
        return elsewhere || Member.User.LastSignedInAt is not { } at
            ? happened
            : [.. happened.Prepend(new(at, "Last signed in")).OrderByDescending(one => one.At)]; // stable
    }

    private async Task<string> InvitationAsync(CancellationToken cancellation)
    {
        var membership = Member.Membership;
        if (
            await SentEmail.InvitationAsync(db, membership.Id, current.Viewer.IsSupport, cancellation)
            is not { } history
        )
        {
            return await db.Invitations.AnyAsync(
                i => i.OrganisationId == membership.OrganisationId && i.MembershipId == membership.Id,
                cancellation
            )
                ? "We no longer keep a record of when it was sent."
                : "Not sent yet.";
        }
        var expires = Status == MembershipStatus.Expired ? "expired" : "expires";
        return Member.Membership.ExpiresAt is { } until
            ? $"{history} The invitation {expires} at {Uk.DateAndTime(until)}."
            : history;
    }
}
