using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Credentials;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Everything about oneself that one can see and change.</summary>
internal sealed class AccountModel(Db db, SecondFactors factors, Texts texts, Current current) : PageModel
{
    public User Person { get; private set; } = null!;
    public Ways Ways { get; private set; } = null!;
    public bool TextsArePossible => texts.ArePossible;

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Person = await db.Users.AsNoTracking().SingleAsync(u => u.Id == current.Viewer.UserId, cancellation);
        Ways = await factors.OfAsync(Person, cancellation);
    }
}
