using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Records what happens, in the transaction that makes it happen.</summary>
internal sealed class AuditLog(Db db, IHttpContextAccessor accessor)
{
    private int recorded;

    /// <param name="happened">Its facts hold no secret.</param>
    /// <param name="organisation">Where it happened; null for what belongs to a person or to the service.</param>
    /// <param name="user">Whom it happened to; null for what happened to the organisation itself.</param>
    public void Add(Actor actor, Event happened, Guid? organisation = null, Guid? user = null) =>
        db.Add(
            new AuditEvent
            {
                Id = NextId(actor.Now),
                Kind = happened.Kind,
                At = actor.Now,
                ActorId = actor.UserId,
                ActorName = actor.Viewer?.Name ?? "Rollcall",
                BySupport = actor.IsSupport,
                OrganisationId = organisation,
                UserId = user,
                Data = happened.ToJson(),
                TraceId = Activity.Current?.TraceId.ToString(),
                IpAddress = accessor.HttpContext?.Connection.RemoteIpAddress?.ToString(),
            }
        );

    /// <summary>
    /// A UUIDv7 whose 12 bits after the time count the events of this request (RFC 9562, 6.2, method 1). Events of one
    /// instant then sort in the order in which they happened.
    /// </summary>
    private Guid NextId(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | (recorded++ & 0x0FFF)));
        return new(bytes, bigEndian: true);
    }
}
