using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Rollcall.Model;

namespace Rollcall.Data;

/// <summary>The tables. The schema itself is in <c>Migrations/*.sql</c>; this only maps it.</summary>
internal sealed class Db(DbContextOptions<Db> options) : DbContext(options)
{
    public DbSet<Organisation> Organisations => Set<Organisation>();
    public DbSet<User> Users => Set<User>();
    public DbSet<Membership> Memberships => Set<Membership>();
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();
    public DbSet<Draft> Drafts => Set<Draft>();
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<Passkey> Passkeys => Set<Passkey>();
    public DbSet<PasswordReset> PasswordResets => Set<PasswordReset>();
    public DbSet<AddressChange> AddressChanges => Set<AddressChange>();
    public DbSet<TermsVersion> TermsVersions => Set<TermsVersion>();
    public DbSet<TermsAcceptance> TermsAcceptances => Set<TermsAcceptance>();
    public DbSet<InvitationList> InvitationLists => Set<InvitationList>();
    public DbSet<InvitationLine> InvitationLines => Set<InvitationLine>();
    public DbSet<ServiceArea> ServiceAreas => Set<ServiceArea>();
    public DbSet<AccessGrant> AccessGrants => Set<AccessGrant>();
    public DbSet<OutgoingMessage> OutgoingMessages => Set<OutgoingMessage>();

    /// <summary>The version of the terms that everyone must have accepted: one row, or none.</summary>
    public IQueryable<TermsVersion> CurrentTerms =>
        TermsVersions.Where(t => t.Number == TermsVersions.Max(newest => newest.Number));

    /// <summary>The database's own search_fold: what a search compares.</summary>
    public static string SearchFold(string value) => throw new NotSupportedException($"Only for queries: {value}");

    /// <summary>Makes %, _ and \ stand for themselves in a pattern.</summary>
    public static string LikeEscape(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("%", @"\%", StringComparison.Ordinal)
            .Replace("_", @"\_", StringComparison.Ordinal);

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.HasDbFunction(typeof(Db).GetMethod(nameof(SearchFold))!).HasName("search_fold");
        model.Entity<Organisation>(e =>
        {
            e.Property(o => o.Details)
                .HasColumnType("jsonb")
                .HasConversion(
                    details => JsonSerializer.Serialize(details, JsonSerializerOptions.Default),
                    json =>
                        JsonSerializer.Deserialize<SortedDictionary<string, string>>(
                            json,
                            JsonSerializerOptions.Default
                        )!,
                    new ValueComparer<SortedDictionary<string, string>>(
                        (a, b) => a!.SequenceEqual(b!, EqualityComparer<KeyValuePair<string, string>>.Default),
                        details => details.Count,
                        details => new(details, StringComparer.Ordinal)
                    )
                );
            e.Property<string>("SearchText").ValueGeneratedOnAddOrUpdate();
        });
        model.Entity<Membership>(e =>
        {
            e.HasKey(m => new { m.OrganisationId, m.Id });
            e.HasOne(m => m.Organisation).WithMany().HasForeignKey(m => m.OrganisationId);
            e.HasOne(m => m.User).WithMany().HasForeignKey(m => m.UserId);
        });
        model.Entity<Invitation>(e =>
        {
            e.HasKey(i => new { i.OrganisationId, i.Id });
            // Or EF would take all zeros, which stand for support staff, for a key that is still unknown.
            e.Property(i => i.OrganisationId).ValueGeneratedNever().HasSentinel(Guid.AllBitsSet);
            e.HasOne<User>().WithMany().HasForeignKey(i => i.UserId);
            e.HasOne<Membership>().WithMany().HasForeignKey(i => new { i.OrganisationId, i.MembershipId });
        });
        model.Entity<AuditEvent>().Property(e => e.Data).HasColumnType("jsonb");
        model.Entity<User>(e =>
        {
            e.Property<string>("SortName").ValueGeneratedOnAddOrUpdate();
            e.Ignore(u => u.DisplayName);
        });
        model.Entity<ServiceArea>().HasKey(a => new { a.OrganisationId, a.Id });
        model.Entity<AccessGrant>(e =>
        {
            e.HasKey(
                nameof(AccessGrant.OrganisationId),
                nameof(AccessGrant.MembershipId),
                nameof(AccessGrant.ServiceAreaId)
            );
            e.HasOne<Membership>().WithMany().HasForeignKey(g => new { g.OrganisationId, g.MembershipId });
            e.HasOne<ServiceArea>().WithMany().HasForeignKey(g => new { g.OrganisationId, g.ServiceAreaId });
        });
        model.Entity<InvitationList>().HasKey(l => new { l.OrganisationId, l.Id });
        model.Entity<InvitationLine>(e =>
        {
            e.HasKey(
                nameof(InvitationLine.OrganisationId),
                nameof(InvitationLine.ListId),
                nameof(InvitationLine.Position)
            );
            e.HasOne<InvitationList>().WithMany().HasForeignKey(l => new { l.OrganisationId, l.ListId });
        });
        model.Entity<TermsAcceptance>().HasKey(a => new { a.UserId, a.VersionId });
        model.Entity<Draft>(e =>
        {
            e.HasKey(d => new { d.ViewerId, d.Id });
            e.Property(d => d.Answers).HasColumnType("jsonb");
        });
        model.Entity<OutgoingMessage>(e =>
        {
            e.Property(m => m.Id).ValueGeneratedNever();
            e.Property(m => m.Data).HasColumnType("jsonb");
            e.Property(m => m.AvailableAt).HasDefaultValueSql("now()");
            e.Property(m => m.Attempts).HasDefaultValue(0);
            e.Property(m => m.UnknownOutcomes).HasDefaultValue(0);
            e.Ignore(m => m.State);
        });

        foreach (var entity in model.Model.GetEntityTypes())
        {
            entity.SetTableName(Snake(entity.GetTableName()!));
            foreach (var property in entity.GetProperties().Where(p => p.GetColumnName() == p.Name))
            {
                property.SetColumnName(Snake(property.Name));
            }
        }
    }

    private static string Snake(string name) =>
        string.Concat(
            name.Select(
                (c, i) => i > 0 && char.IsUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"
            )
        );
}
