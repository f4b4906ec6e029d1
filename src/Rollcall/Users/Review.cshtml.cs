using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users;

/// <summary>
/// Who has not signed in for a long time, to keep or to remove each. Whoever is kept comes back on the list when as much time has passed again.
/// </summary>
internal sealed class ReviewModel(Db db, Reviewing reviewing, Managing managing, Current current, Banner banner) : PageModel
{
    public const int AtOnce = 25;
    private const int MostMonths = 60;
    private const string Prefix = "decision-";

    /// <summary>"keep" or "remove" for each person who was decided about.</summary>
    public IReadOnlyDictionary<Guid, string> Decisions { get; private set; } = new Dictionary<Guid, string>();

    /// <summary>As typed.</summary>
    public string Months { get; private set; } = "";

    /// <summary>What was typed is no number of months: there is no list to show.</summary>
    public bool IsUnclear => ModelState[nameof(Months)]?.Errors.Count > 0;

    /// <summary>For how many months those on the list have not signed in.</summary>
    public int Since { get; private set; }
    public IReadOnlyList<Unseen> People { get; private set; } = [];

    /// <summary>Those whom the viewer may keep or remove.</summary>
    public IReadOnlySet<Guid> WithinReach { get; private set; } = new HashSet<Guid>();

    /// <summary>There are more than the page shows.</summary>
    public bool More { get; private set; }

    /// <summary>How many were kept, which is saved before anything is asked about the others.</summary>
    public int Kept { get; private set; }

    /// <summary>An organisation does not learn when somebody signed in who also belongs to another one, so it cannot choose another time for them.</summary>
    public bool LeavesOut => !current.Viewer.IsSupport && Since != current.Options.ReviewAfterMonths;

    /// <summary>Those who are to be removed, to be confirmed first.</summary>
    public IReadOnlyList<Unseen> ToRemove { get; private set; } = [];

    /// <summary>Nobody else could manage the organisation's users: support is warned, and may.</summary>
    public bool AreLast { get; private set; }
    public IReadOnlyList<(DateTimeOffset At, string What)> Done { get; private set; } = [];

    public Task OnGetAsync(CancellationToken cancellation) => OpenAsync(cancellation);

    /// <summary>Saves what was kept; what is to be removed is asked about once more.</summary>
    public async Task<IActionResult> OnPostAsync([FromForm] bool confirmed, CancellationToken cancellation)
    {
        await OpenAsync(cancellation);
        if (!ModelState.IsValid)
        {
            return Page();
        }

        Decisions = Request.Form.Where(field => field.Key.StartsWith(Prefix, StringComparison.Ordinal) && Guid.TryParseExact(field.Key[Prefix.Length..], "D", out _))
            .ToDictionary(field => Guid.Parse(field.Key[Prefix.Length..]), field => field.Value.ToString());
        var (keep, remove) = (Of("keep"), Of("remove"));
        if (keep.Count + remove.Count == 0)
        {
            ModelState.AddModelError(nameof(Decisions), "Select keep or remove for at least one user");
            return Page();
        }
        Kept = keep.Count == 0 ? 0 : await reviewing.KeepAsync(current.Viewer, current.Organisation.Id, keep, current.Now, cancellation);
        if (remove.Count > 0 && !confirmed)
        {
            ToRemove = [.. (await FindAsync(remove, cancellation)).Where(user => WithinReach.Contains(user.UserId))];
            AreLast = await managing.AreLastAsync(current.Organisation.Id, [.. ToRemove.Select(user => user.UserId)], cancellation);
            if (ToRemove.Count > 0)
                return Page();
        }
        var (removed, refused) = (0, new List<string>());
        foreach (var user in await FindAsync(remove, cancellation))
        {
            var (gone, refusal) = await reviewing.RemoveAsync(current.Viewer, current.Organisation, user.UserId, current.Now, cancellation);
            removed += gone is null ? 0 : 1;
            if (refusal is not null)
                refused.Add($"{user.Name}: {refusal.Message.ToLower(CultureInfo.InvariantCulture)}.");
        }
        var words = $"{(confirmed && Kept == 0 ? "" : $"{Users(Kept)} kept, ")}{Users(removed)} removed.{(removed > 0 ? " We’ll email the people you removed." : "")} {string.Join(' ', refused)}".TrimEnd();
        return Redirect(banner.Then(Links.ReviewAccess(current.Organisation.Id, Since), words));
    }

    public static string Users(int count) => count == 1 ? "1 user" : $"{count} users";

    private List<Guid> Of(string decision) => [.. Decisions.Where(d => d.Value == decision).Select(d => d.Key).Take(AtOnce)];

    private async Task OpenAsync(CancellationToken cancellation)
    {
        Since = current.Options.ReviewAfterMonths;
        Months = Request.Query["months"].FirstOrDefault() ?? Since.ToString(CultureInfo.InvariantCulture);
        if (int.TryParse(PlainText.OneLine(Months), NumberStyles.None, CultureInfo.InvariantCulture, out var asked)
            && asked is >= 1 and <= MostMonths)
        {
            Since = asked;
            var people = await FindAsync(null, cancellation);
            (People, More) = ([.. people.Take(AtOnce)], people.Count > AtOnce);
        }
        else
        {
            ModelState.AddModelError(nameof(Months), $"Enter a whole number of months between 1 and {MostMonths}");
        }

        var organisation = current.Organisation.Id;
        WithinReach = await managing.WithinReachAsync(current.Viewer, organisation, [.. People.Select(user => user.UserId)], cancellation);
        var done = await (
            from e in db.AuditEvents.AsNoTracking()
            where e.OrganisationId == organisation && e.Kind == AuditKinds.AccessReviewed
            orderby e.At descending, e.Id descending
            select new { Event = e, BySupport = db.Users.Any(u => u.Id == e.ActorId && u.SupportSince != null) }).Take(AtOnce).ToListAsync(cancellation);
        Done = [.. done.Select(d => (d.Event.At, History.Review(d.Event, d.BySupport && !current.Viewer.IsSupport ? "The support team" : null)))];
    }

    /// <summary>Those who have been away longest; the viewer is not among them, who is here.</summary>
    private async Task<List<Unseen>> FindAsync(List<Guid>? among, CancellationToken cancellation)
    {
        var (before, all, sees) = (current.Now.AddMonths(-Since), among is null, current.Viewer.IsSupport);
        DateTimeOffset? beforeElsewhere = sees ? before : Since > current.Options.ReviewAfterMonths ? null : current.Now.AddMonths(-current.Options.ReviewAfterMonths);
        var found = await db.Database.SqlQuery<Unseen>($"""
            select u.id as "UserId", u.first_name as "FirstName", u.last_name as "LastName", u.email as "Email", u.sort_name as "SortName",
                   case when {sees} or not elsewhere then coalesce(u.last_signed_in_at, u.registered_at) end as "LastSeen"
            from users u join memberships m on m.user_id = u.id
            cross join lateral (select exists (select from memberships o where o.user_id = u.id and o.organisation_id <> m.organisation_id and o.removed_at is null) as elsewhere) e
            where m.organisation_id = {current.Organisation.Id} and m.removed_at is null and m.standing = 'active' and u.id <> {current.Viewer.UserId}
              and u.registered_at is not null and coalesce(u.last_signed_in_at, u.registered_at) < {before} and (m.reviewed_at is null or m.reviewed_at < {before})
              and (not elsewhere or coalesce(u.last_signed_in_at, u.registered_at) < {beforeElsewhere})
              and ({all} or u.id = any({among?.ToArray() ?? []}))
            order by coalesce(u.last_signed_in_at, u.registered_at), u.id limit {AtOnce + 1}
            """).ToListAsync(cancellation);
        // Where somebody's time is not shown, the order must not tell it either.
        return found.TrueForAll(user => user.LastSeen is not null) ? found : [.. found.Take(AtOnce).OrderBy(user => user.SortName, StringComparer.Create(CultureInfo.GetCultureInfo("en-GB"), ignoreCase: false)), .. found.Skip(AtOnce)];
    }

    /// <param name="LastSeen">Null: an organisation does not learn when somebody signed in who also belongs to another one.</param>
    internal sealed record Unseen(Guid UserId, string? FirstName, string? LastName, string Email, string SortName, DateTimeOffset? LastSeen)
    {
        public string Name => PersonName.FullName(FirstName, LastName, Email);
    }
}
