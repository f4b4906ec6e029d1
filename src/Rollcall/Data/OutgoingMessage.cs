using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Rollcall.Data;

/// <summary>
/// One email to send. It holds facts, not words: they are rendered when it is sent. Not a secret among them. What happens to it after it
/// was committed is the Postman's alone; screens read <see cref="State"/>.
/// </summary>
internal sealed class OutgoingMessage
{
    public required Guid Id { get; init; }
    public required string Kind { get; init; }
    public required string Data { get; init; }
    public required string ToAddress { get; init; }
    public Guid? MembershipId { get; init; }

    /// <summary>Lower leaves first.</summary>
    public required short Priority { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset AvailableAt { get; private set; }
    public int Attempts { get; private set; }
    public DateTimeOffset? SentAt { get; private set; }
    public DateTimeOffset? FailedAt { get; private set; }
    public DateTimeOffset? SupersededAt { get; private set; }
    public string? LastError { get; private set; }

    public OutgoingMessageState State =>
        SentAt is not null ? OutgoingMessageState.Sent
        : FailedAt is not null ? OutgoingMessageState.Failed
        : SupersededAt is not null ? OutgoingMessageState.Superseded
        : OutgoingMessageState.Waiting;
}

internal enum OutgoingMessageState
{
    Waiting,
    Sent,
    Failed,
    Superseded,
}

internal sealed class OutgoingMessageConfiguration : IEntityTypeConfiguration<OutgoingMessage>
{
    public void Configure(EntityTypeBuilder<OutgoingMessage> builder)
    {
        builder.ToTable("outgoing_messages");
        builder.HasKey(m => m.Id);
        builder.Property(m => m.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(m => m.Kind).HasColumnName("kind");
        builder.Property(m => m.Data).HasColumnName("data").HasColumnType("jsonb");
        builder.Property(m => m.ToAddress).HasColumnName("to_address");
        builder.Property(m => m.MembershipId).HasColumnName("membership_id");
        builder.Property(m => m.Priority).HasColumnName("priority");
        builder.Property(m => m.CreatedAt).HasColumnName("created_at");
        builder.Property(m => m.AvailableAt).HasColumnName("available_at").HasDefaultValueSql("now()");
        builder.Property(m => m.Attempts).HasColumnName("attempts").HasDefaultValue(0);
        builder.Property(m => m.SentAt).HasColumnName("sent_at");
        builder.Property(m => m.FailedAt).HasColumnName("failed_at");
        builder.Property(m => m.SupersededAt).HasColumnName("superseded_at");
        builder.Property(m => m.LastError).HasColumnName("last_error");
        builder.Ignore(m => m.State);
    }
}
