using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>Records that a sign-in was refused.</summary>
internal sealed class RefusedSignIns(Db db, AuditLog audit, Current current)
{
    /// <param name="account">The account it was for, where there is one.</param>
    public Task RecordAsync(Guid? account, object what)
    {
        audit.Add(new Actor(null, current.Now), AuditKinds.SignInRefused, null, account, what);
        return db.SaveChangesAsync();
    }
}
