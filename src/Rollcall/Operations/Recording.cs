using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Writes down what happens, in the transaction that makes it happen.</summary>
internal sealed class Recording(Db db, IHttpContextAccessor accessor)
{
    /// <param name="actor">Who did it; null when it was the program itself, such as an import.</param>
    /// <param name="data">Facts of this kind of event, serialised as they are; never a secret.</param>
    public void Add(string kind, Viewer? actor, DateTimeOffset at, Guid? organisation, Guid? user, object? data = null) => db.Add(new AuditEvent
    {
        Kind = kind,
        At = at,
        ActorId = actor?.UserId,
        ActorName = actor?.Name ?? "Rollcall",
        OrganisationId = organisation,
        UserId = user,
        Data = JsonSerializer.Serialize(data ?? new { }, JsonSerializerOptions.Web),
        TraceId = Activity.Current?.TraceId.ToString(),
        IpAddress = accessor.HttpContext?.Connection.RemoteIpAddress?.ToString(),
    });
}
