using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Invite;

/// <summary>A list before it is sent, line by line, and afterwards what became of it.</summary>
internal sealed class InvitationListModel(Db db, BulkInvitations invitations, Current current) : PageModel
{
    /// <summary>Rows of each table on the page; the CSV has all.</summary>
    public const int MostShown = 200;

    public InvitationList Batch { get; private set; } = null!;
    public ListOutcome Outcome { get; private set; } = null!;
    public Progress Sent { get; private set; } = new(0, 0, 0, 0, 0);

    /// <summary>What the people of the list can do, and where: each row a heading and what it says.</summary>
    public IReadOnlyList<(string Key, IReadOnlyList<string> Values)> Access { get; private set; } = [];

    /// <summary>Until when the links work; null where they do not expire.</summary>
    public DateTimeOffset? LinksWorkUntil =>
        current.Options.InvitationHours is { } hours ? (Batch.ConfirmedAt ?? current.Now).AddHours(hours) : null;

    /// <summary>Those that were not sent and why, of a list that was confirmed.</summary>
    public IReadOnlyList<(string Text, string Why, Guid? UserId)> NotSent { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid listId, CancellationToken cancellation) =>
        !await OpenAsync(listId, cancellation) ? BeginAgain()
        : IsWithoutRole ? Redirect(Links.InviteUsers(current.Organisation.Id, listId))
        : Page();

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid listId, CancellationToken cancellation)
    {
        if (!await OpenAsync(listId, cancellation))
        {
            return BeginAgain();
        }

        if (Batch.ConfirmedAt is null)
        {
            var result = await invitations.ConfirmAsync(current.Actor, current.Organisation, listId);
            if (result.Refusal is { } refusal)
            {
                ModelState.AddModelError("", refusal.Message);
                return Page();
            }
        }

        return Redirect(Links.InvitationList(current.Organisation.Id, listId));
    }

    /// <summary>What was not sent, for a spreadsheet.</summary>
    public async Task<IActionResult> OnGetCsvAsync([FromRoute] Guid listId, CancellationToken cancellation)
    {
        if (!await OpenAsync(listId, cancellation))
        {
            return BeginAgain();
        }

        var csv = new StringBuilder();
        Csv.Row(csv, "Entered", "Why it was not sent");
        foreach (var (text, why, _) in NotSent)
        {
            Csv.Row(csv, text, why);
        }

        return File(Csv.Bytes(csv), "text/csv", "not-sent.csv");
    }

    /// <summary>Only by its address: the form asks before it leads here.</summary>
    private bool IsWithoutRole =>
        Batch is { ConfirmedAt: null, Role: "" } && Outcome.ToInvite.Any(line => line.Role is null);

    private RedirectResult BeginAgain() => Redirect(Links.InviteUsers(current.Organisation.Id));

    private async Task<bool> OpenAsync(Guid listId, CancellationToken cancellation)
    {
        var organisation = current.Organisation;
        // A list that is not sent yet is its writer's alone.
        if (
            !current.Options.BulkInvitations
            || await db
                .InvitationLists.AsNoTracking()
                .SingleOrDefaultAsync(
                    b =>
                        b.Id == listId
                        && b.OrganisationId == organisation.Id
                        && (b.ConfirmedAt != null || b.ByUser == current.Viewer.UserId),
                    cancellation
                )
                is not { } batch
        )
        {
            return false;
        }

        Batch = batch;
        Outcome = await ListOutcome.FindAsync(db, batch, current.Now, cancellation);
        Access = await ListAccess.OfAsync(
            db,
            current.Roles,
            organisation,
            batch,
            batch.ConfirmedAt is null ? Outcome.ToInvite : Outcome.Sent,
            cancellation
        );
        if (batch.ConfirmedAt is null)
        {
            return true;
        }

        Sent = (
            await db
                .Database.SqlQuery<Progress>(
                    $"""
                    select count(*)::int as "All",
                      count(*) filter (where m.sent_at is not null)::int as "Sent",
                      count(*) filter (where m.failed_at is not null)::int as "Failed",
                      count(*) filter (where m.id is not null and m.sent_at is null and m.failed_at is null
                        and m.superseded_at is null)::int as "Waiting",
                      count(*) filter (where l.outcome = {InvitationOutcomes.Added})::int as "Known"
                    from invitation_lines l
                    left join lateral (
                      select * from outgoing_messages m
                      where m.membership_id = l.membership_id and m.created_at = {batch.ConfirmedAt} limit 1) m on true
                    where l.organisation_id = {organisation.Id} and l.list_id = {listId}
                      and l.membership_id is not null
                    """
                )
                .ToListAsync(cancellation)
        )[0];
        NotSent =
        [
            .. Outcome.NotValid.Select(l => (l.Text, l.Problem ?? "Not an email address", (Guid?)null)),
            .. Outcome
                .AlreadyMembers.Where(member =>
                    member.Line.Outcome is InvitationOutcomes.Already or InvitationOutcomes.TooMany
                )
                .Select(member =>
                    (member.Line.Text, ListOutcome.WhyNot(member.Status, organisation.Name), (Guid?)member.UserId)
                ),
            .. Outcome
                .ToInvite.Where(l => l.Outcome == InvitationOutcomes.TooMany)
                .Select(l =>
                    (
                        l.Text,
                        "We have sent this email address as many emails as we can today. Try again tomorrow",
                        (Guid?)null
                    )
                ),
            .. Outcome.Repeated.Select(l => (l.Text, $"Listed twice: it is on line {l.RepeatsLine} too", (Guid?)null)),
        ];
        return true;
    }

    /// <summary>How far the emails of a list are.</summary>
    /// <param name="All">People who were added by it.</param>
    /// <param name="Known">Of them, those who had an account.</param>
    internal sealed record Progress(int All, int Sent, int Failed, int Waiting, int Known);
}
