using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>Records that a sign-in was refused.</summary>
internal sealed class RefusedSignIns(Db db, AuditLog audit, Current current)
{
    /// <param name="account">The account it was for, where there is one.</param>
    public Task RecordAsync(Guid? account, SignInRefused refused)
    {
        audit.Add(new Actor(null, current.Now), refused, user: account);
        return db.SaveChangesAsync();
    }
}
