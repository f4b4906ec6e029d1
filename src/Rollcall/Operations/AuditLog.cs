using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Records what happens, in the transaction that makes it happen.</summary>
internal sealed class AuditLog(Db db, IHttpContextAccessor accessor)
{
    private int recorded;

    /// <param name="kind">One of <see cref="AuditKinds"/>.</param>
    /// <param name="data">The facts of this kind of event, stored as JSON; never a secret.</param>
    public void Add(Actor actor, string kind, Guid? organisation, Guid? user, object? data = null) =>
        db.Add(
            new AuditEvent
            {
                Id = NextId(actor.Now),
                Kind = kind,
                At = actor.Now,
                ActorId = actor.UserId,
                ActorName = actor.Viewer?.Name ?? "Rollcall",
                OrganisationId = organisation,
                UserId = user,
                Data = JsonSerializer.Serialize(data ?? new { }, JsonSerializerOptions.Web),
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
