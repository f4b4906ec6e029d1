using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users.SupportUsers;

/// <summary>Who is support staff, in name order.</summary>
internal sealed class ListModel(Db db) : PageModel
{
    internal sealed record Row(
        Guid Id,
        string Name,
        string Email,
        DateTimeOffset? PausedAt,
        DateTimeOffset? RegisteredAt,
        DateTimeOffset? LastSignedInAt,
        DateTimeOffset? ExpiresAt
    )
    {
        public MembershipStatus Status(DateTimeOffset now) =>
            MembershipStatuses.Of(null, PausedAt, RegisteredAt, ExpiresAt, now);
    }

    public IReadOnlyList<Row> People { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) =>
        People = await (
            from u in db.Users
            where u.SupportSince != null
            orderby EF.Property<string>(u, "SortName"), u.Id
            select new Row(
                u.Id,
                PersonName.FullName(u.FirstName, u.LastName, u.Email),
                u.Email,
                u.PausedAt,
                u.RegisteredAt,
                u.LastSignedInAt,
                db.Invitations.Where(i =>
                        i.UserId == u.Id && i.MembershipId == null && i.SupersededAt == null && i.WithdrawnAt == null
                    )
                    .Max(i => i.ExpiresAt)
            )
        ).ToListAsync(cancellation);
}
