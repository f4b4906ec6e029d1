using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Review;

/// <summary>
/// Lists who has not signed in for a long time, to keep or to remove each. A kept person is listed again when as much
/// time has passed.
/// </summary>
internal sealed class ReviewModel(Db db, AccessReviews reviews, MemberPolicy policy, Current current, Banner banner)
    : PageModel
{
    public const int AtOnce = 25;
    private const int MostMonths = 60;
    private const string Prefix = "decision-";

    /// <summary>"keep" or "remove" for each person who was decided about.</summary>
    public IReadOnlyDictionary<Guid, string> Decisions { get; private set; } = new Dictionary<Guid, string>();

    /// <summary>As typed.</summary>
    public string Months { get; private set; } = "";

    /// <summary>What was typed is not a number of months: there is no list to show.</summary>
    public bool IsUnclear => ModelState[nameof(Months)]?.Errors.Count > 0;

    /// <summary>For how many months those on the list have not signed in.</summary>
    public int Since { get; private set; }
    public IReadOnlyList<UserToReview> People { get; private set; } = [];

    /// <summary>Those whom the viewer may keep or remove.</summary>
    public IReadOnlySet<Guid> WithinReach { get; private set; } = new HashSet<Guid>();

    /// <summary>There are more than the page shows.</summary>
    public bool More { get; private set; }

    /// <summary>How many were kept, which is saved before anything is asked about the others.</summary>
    public int Kept { get; private set; }

    /// <summary>
    /// An organisation does not learn when someone who also belongs to another one signed in, so it cannot choose
    /// another time for them.
    /// </summary>
    public bool LeavesOut => !current.Viewer.IsSupport && Since != current.Options.ReviewAfterMonths;

    /// <summary>Those who are to be removed, to be confirmed first.</summary>
    public IReadOnlyList<UserToReview> ToRemove { get; private set; } = [];

    /// <summary>
    /// No one else can manage the organisation's users. Support is warned, and may still remove them.
    /// </summary>
    public bool AreLast { get; private set; }

    public IReadOnlyList<HistoryEntry> Done { get; private set; } = [];

    public Task OnGetAsync(CancellationToken cancellation) => OpenAsync(cancellation);

    /// <summary>Saves what was kept; what is to be removed is asked about once more.</summary>
    public async Task<IActionResult> OnPostAsync([FromForm] bool confirmed, CancellationToken cancellation)
    {
        await OpenAsync(cancellation);
        if (!ModelState.IsValid)
        {
            return Page();
        }

        Decisions = Request
            .Form.Where(field =>
                field.Key.StartsWith(Prefix, StringComparison.Ordinal)
                && Guid.TryParseExact(field.Key[Prefix.Length..], "D", out _)
            )
            .ToDictionary(field => Guid.Parse(field.Key[Prefix.Length..]), field => field.Value.ToString());
        var keep = Of("keep");
        var remove = Of("remove");
        if (keep.Count + remove.Count == 0)
        {
            ModelState.AddModelError(nameof(Decisions), "Select keep or remove for at least one user");
            return Page();
        }
        if (keep.Count > 0)
        {
            var kept = await reviews.KeepAsync(current.Actor, current.Organisation.Id, keep);
            Kept = kept.Value!.Length;
        }

        if (remove.Count > 0 && !confirmed)
        {
            ToRemove = [.. (await FindAsync(remove, cancellation)).Where(user => WithinReach.Contains(user.UserId))];
            AreLast = await policy.AreLastAsync(
                current.Organisation.Id,
                [.. ToRemove.Select(user => user.UserId)],
                cancellation
            );
            if (ToRemove.Count > 0)
            {
                return Page();
            }
        }

        var removed = 0;
        var refused = new List<string>();
        foreach (var user in await FindAsync(remove, cancellation))
        {
            var result = await reviews.RemoveAsync(current.Actor, current.Organisation, user.UserId);
            removed += result.Value is null ? 0 : 1;
            if (result.Refusal is { } refusal)
            {
                refused.Add($"{user.Name}: {refusal.Message.ToLower(CultureInfo.InvariantCulture)}.");
            }
        }

        var keptFirst = confirmed && Kept == 0 ? "" : $"{Users(Kept)} kept, ";
        var told = removed > 0 ? " We’ll email the people you removed." : "";
        var words = $"{keptFirst}{Users(removed)} removed.{told} {string.Join(' ', refused)}".TrimEnd();
        return Redirect(banner.Then(Links.ReviewAccess(current.Organisation.Id, Since), words));
    }

    public static string Users(int count) => count == 1 ? "1 user" : $"{count} users";

    private List<Guid> Of(string decision) =>
        [.. Decisions.Where(d => d.Value == decision).Select(d => d.Key).Take(AtOnce)];

    private async Task OpenAsync(CancellationToken cancellation)
    {
        Since = current.Options.ReviewAfterMonths;
        Months = Request.Query["months"].FirstOrDefault() ?? Since.ToString(CultureInfo.InvariantCulture);
        if (
            int.TryParse(PlainText.OneLine(Months), NumberStyles.None, CultureInfo.InvariantCulture, out var asked)
            && asked is >= 1 and <= MostMonths
        )
        {
            Since = asked;
            var people = await FindAsync(null, cancellation);
            People = [.. people.Take(AtOnce)];
            More = people.Count > AtOnce;
        }
        else
        {
            ModelState.AddModelError(nameof(Months), $"Enter a whole number of months between 1 and {MostMonths}");
        }

        var organisation = current.Organisation.Id;
        WithinReach = await policy.WithinReachAsync(
            current.Viewer,
            organisation,
            [.. People.Select(user => user.UserId)],
            cancellation
        );
        // A constant, not a parameter, so that the plan may use the index of reviews.
        var done = db
            .AuditEvents.Where(e =>
                e.OrganisationId == organisation && e.Kind == EF.Constant(Event.KindOf<AccessReviewed>())
            )
            .OrderByNewest()
            .Take(AtOnce);
        var decided = await Timeline.FindAsync(db, done, current.Viewer, current.Options, cancellation);
        Done = decided.ConvertAll(one => new HistoryEntry(
            one.Row.At,
            ((AccessReviewed)one.Event!).Decision(one.Context.By)
        ));
    }

    private Task<List<UserToReview>> FindAsync(List<Guid>? among, CancellationToken cancellation) =>
        UserToReview.FindAsync(db, current, Since, AtOnce, among, cancellation);
}
