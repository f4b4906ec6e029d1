using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Dev;

/// <summary>Signs in as anyone, without a password. Development only: see <see cref="Permissions"/>.</summary>
internal sealed class DevSignInModel(Db db, SignIns signIns, Current current) : PageModel
{
    /// <summary>The password of every sample person with an account, for trying the real sign-in page.</summary>
    public const string Password = "three random words";

    private const int PerKind = 3;

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    [BindProperty]
    public string? Email { get; set; }

    public IReadOnlyList<(Guid UserId, string Text)> People { get; private set; } = [];

    public Task OnGetAsync(CancellationToken cancellation) => FindPeopleAsync(cancellation);

    public async Task<IActionResult> OnPostAsync(Guid? userId, CancellationToken cancellation)
    {
        var key = EmailAddress.TryParse(Email, out var email) ? email.Key : null;
        var user = await db.Users.SingleOrDefaultAsync(
            u => userId != null ? u.Id == userId : u.EmailKey == key,
            cancellation
        );
        if (user is null || SignIns.Refuse(user) is not null)
        {
            ModelState.AddModelError(
                nameof(Email),
                user is null ? "Enter the email address of someone who has been added" : SignIns.Refuse(user)!.Message
            );
            await FindPeopleAsync(cancellation);
            return Page();
        }
        await signIns.SignInAsync(user, SignInMethods.Development, current.Now);
        await Session.BeginAsync(HttpContext, user.Id, SignInMethods.Development, user.PasswordHash);
        return Redirect(LocalUrl.Of(ReturnUrl) ?? Links.Home);
    }

    private async Task FindPeopleAsync(CancellationToken cancellation)
    {
        var support = await db
            .Users.AsNoTracking()
            .Where(u => u.SupportSince != null)
            .OrderBy(u => u.CreatedAt)
            .ThenBy(u => u.Id)
            .Take(PerKind)
            .ToListAsync(cancellation);
        var people = support.Select(u => (u.Id, $"Support: {u.DisplayName}")).ToList();
        var roles = Roles.Of(current.Options).All; // with only one role, everyone is both admin and member
        foreach (var (role, text) in new[] { (roles[^1].Key, "Organisation admin"), (roles[0].Key, "Member") })
        {
            var found = await (
                from m in db.Memberships
                join u in db.Users on m.UserId equals u.Id
                join o in db.Organisations on m.OrganisationId equals o.Id
                where
                    m.Role == role
                    && m.RemovedAt == null
                    && m.PausedAt == null
                    && u.PausedAt == null
                    && u.RegisteredAt != null
                    && u.SupportSince == null
                orderby u.CreatedAt, m.Id
                select new { User = u, Organisation = o.Name }
            )
                .AsNoTracking()
                .Take(PerKind)
                .ToListAsync(cancellation);
            people.AddRange(found.Select(f => (f.User.Id, $"{text}: {f.User.DisplayName}, {f.Organisation}")));
        }
        People = people;
    }
}
