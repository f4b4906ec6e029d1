using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Rollcall.Credentials;
using Rollcall.Data;
using Rollcall.Dev;
using Rollcall.Model;

namespace Rollcall.Host;

/// <summary>Made-up people and organisations, so that a first look shows something. Only ever put into a database without people, and only in Development.</summary>
internal static class DemonstrationData
{
    private static readonly string[] FirstNames =
    [
        "Adam", "Ádám", "Aisha", "Alice", "Amélie", "Anna", "Ann Marie", "Ben", "Bethan", "Callum", "Chloe", "Daniel", "Dylan", "Elif", "Emma", "Fatima",
        "Finn", "George", "Grace", "Hannah", "Harpreet", "Ioan", "Isla", "Jack", "Jean-Luc", "José", "Kai", "Leah", "Li", "Mohammed", "Niamh", "Oliver",
        "Priya", "Rhys", "Ruth", "Siân", "Tomasz", "Yusuf", "Zoë",
    ];

    private static readonly string[] LastNames =
    [
        "Ahmed", "Begum", "Brown", "Clarke", "d’Arcy", "Davies", "de Souza", "Evans", "Green", "Hughes", "Jones", "Kaur", "Kowalski", "Lewis", "MacDonald",
        "Nguyễn", "O’Brien", "O’Neil", "Okafor", "Patel", "Roberts", "Singh", "Smith", "Taylor", "Thomas", "van der Berg", "Walker", "Williams", "Wright", "Young",
    ];

    private static readonly string[] Places =
    [
        "Ashdown", "Beechwood", "Carrow", "Dunmore", "Eastbrook", "Fairfield", "Glenmoor", "Hillview", "Ivybridge", "Juniper", "Kingsmead", "Larkhill", "Marlow", "Northgate",
        "Oakley", "Pinewood", "Queensway", "Riverside", "Stonebridge", "Thornbury", "Underhill", "Valley", "Westmoor", "Yarrow",
    ];

    /// <param name="many">As many more in one organisation (<see cref="ManyPeople"/>); 0 for none.</param>
    public static async Task SeedOnceAsync(IServiceProvider services, int many)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Db>();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await db.Database.ExecuteSqlAsync($"lock table organisations in share row exclusive mode"); // two instances starting at once
        if (await db.Users.AnyAsync())
            return;

        var people = new People(db, now, scope.ServiceProvider.GetRequiredService<Passwords>().Hash(DevSignInModel.Password), scope.ServiceProvider.GetRequiredService<Secret>());
        var samira = people.Add("Samira", "Khan", registered: true);
        samira.SupportSince = now;
        var tom = people.Add("Tom", "Okafor", registered: true);
        tom.SupportSince = now;

        var organisations = Places.SelectMany((place, i) => new[] { $"{place} Primary School", $"{place} High School" }
            .Select((name, j) => new Organisation { Name = name, Code = string.Create(CultureInfo.InvariantCulture, $"DEMO-{i * 2 + j + 1:00}"), CreatedAt = now })).ToList();
        db.AddRange(organisations);

        // Ashdown Primary School has 61 people: three pages for support, two for itself. Its admin and its first member are who one signs in as.
        var (ashdown, beechwood) = (organisations[0], organisations[2]);
        beechwood.SecondFactorRequired = true;
        var alex = people.Add("Alex", "Morgan", registered: true);
        people.Join(alex, ashdown, Roles.Admin);
        var mina = people.Add("Mina", "Shah", registered: true);
        people.Join(mina, ashdown, Roles.Member);
        var nia = people.Add("Nia", "Lloyd", registered: true); // belongs to two
        people.Join(nia, ashdown, Roles.Member);
        people.Join(nia, beechwood, Roles.Member);
        people.Join(tom, ashdown, Roles.Member);
        for (var i = 0; i < 57; i++)
        {
            var person = people.Next(registered: i % 5 != 4);
            var membership = people.Join(person, ashdown, Roles.Member);
            if (i % 20 == 7)
                membership.PausedAt = now;
        }
        people.Join(people.Add("Robin", "Hart", registered: true), beechwood, Roles.Admin);
        foreach (var organisation in organisations.Skip(3).Take(30))
            for (var i = 0; i < 3; i++)
                people.Join(people.Next(registered: i != 2), organisation, i == 0 ? Roles.Admin : Roles.Member);
        await db.SaveChangesAsync();
        if (many > 0)
            await ManyPeople.SeedAsync(db, now, many, FirstNames, LastNames);
        await transaction.CommitAsync();
    }

    private sealed class People(Db db, DateTimeOffset now, string passwordHash, Secret secret)
    {
        private int next;

        public User Add(string first, string last, bool registered)
        {
            var email = string.Create(CultureInfo.InvariantCulture, $"{Plain(first)}.{Plain(last)}{(next++ < 10 ? "" : next)}@example.com");
            var user = new User
            {
                Email = email,
                EmailKey = email,
                FirstName = first,
                LastName = last,
                CreatedAt = now.AddMinutes(next - 1000), // in the order in which they stand here
                RegisteredAt = registered ? now : null,
                PasswordHash = registered ? passwordHash : null,
                PasswordSetAt = registered ? now : null,
                LastSignedInAt = registered ? now.AddDays(next % 13 == 12 ? -250 - next : -next % 40).AddMinutes(-next * 37) : null, // some are to be reviewed
            };
            db.Add(user);
            return user;
        }

        public User Next(bool registered) => Add(FirstNames[next * 7 % FirstNames.Length], LastNames[next * 11 % LastNames.Length], registered);

        public Membership Join(User user, Organisation organisation, string role)
        {
            var membership = new Membership { OrganisationId = organisation.Id, UserId = user.Id, Role = role, AddedAt = now };
            db.Add(membership);
            if (user.RegisteredAt is null)
                Invite(user, membership, daysAgo: next % 3 == 0 ? 9 : 3);
            db.Add(new AuditEvent { At = now, Kind = AuditKinds.Added, ActorName = "Rollcall", OrganisationId = organisation.Id, UserId = user.Id });
            return membership;
        }

        /// <summary>With a link that works, or worked, as if it had been sent; no email of it is in the mailbox.</summary>
        private void Invite(User user, Membership membership, int daysAgo)
        {
            var (id, sent) = (Guid.CreateVersion7(now.AddDays(-daysAgo)), now.AddDays(-daysAgo));
            membership.ExpiresAt = sent.AddDays(7);
            db.Add(new Invitation
            {
                Id = id,
                UserId = user.Id,
                MembershipId = membership.Id,
                Email = user.Email,
                TokenHash = LinkToken.Hash(LinkToken.Of(secret, LinkToken.Invitation, id))!,
                SentAt = sent,
                ExpiresAt = membership.ExpiresAt,
            });
        }

        private static string Plain(string name)
            => string.Concat(name.Normalize(System.Text.NormalizationForm.FormD).Where(char.IsAsciiLetter)).ToLowerInvariant();
    }
}
