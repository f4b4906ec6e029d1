using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Dev;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Host;

/// <summary>
/// Sample people and organisations for a first look. Added in Development only, to a database without people, and only
/// with the roles, areas, terms and links that the settings allow.
/// </summary>
internal static class DemonstrationData
{
    private static readonly string[] FirstNames =
    [
        "Adam",
        "Ádám",
        "Aisha",
        "Alice",
        "Amélie",
        "Anna",
        "Ann Marie",
        "Ben",
        "Bethan",
        "Callum",
        "Chloe",
        "Daniel",
        "Dylan",
        "Elif",
        "Emma",
        "Fatima",
        "Finn",
        "George",
        "Grace",
        "Hannah",
        "Harpreet",
        "Ioan",
        "Isla",
        "Jack",
        "Jean-Luc",
        "José",
        "Kai",
        "Leah",
        "Li",
        "Mohammed",
        "Niamh",
        "Oliver",
        "Priya",
        "Rhys",
        "Ruth",
        "Siân",
        "Tomasz",
        "Yusuf",
        "Zoë",
    ];

    private static readonly string[] LastNames =
    [
        "Ahmed",
        "Begum",
        "Brown",
        "Clarke",
        "d’Arcy",
        "Davies",
        "de Souza",
        "Evans",
        "Green",
        "Hughes",
        "Jones",
        "Kaur",
        "Kowalski",
        "Lewis",
        "MacDonald",
        "Nguyễn",
        "O’Brien",
        "O’Neil",
        "Okafor",
        "Patel",
        "Roberts",
        "Singh",
        "Smith",
        "Taylor",
        "Thomas",
        "van der Berg",
        "Walker",
        "Williams",
        "Wright",
        "Young",
    ];

    private static readonly string[] Places =
    [
        "Ashdown",
        "Beechwood",
        "Carrow",
        "Dunmore",
        "Eastbrook",
        "Fairfield",
        "Glenmoor",
        "Hillview",
        "Ivybridge",
        "Juniper",
        "Kingsmead",
        "Larkhill",
        "Marlow",
        "Northgate",
        "Oakley",
        "Pinewood",
        "Queensway",
        "Riverside",
        "Stonebridge",
        "Thornbury",
        "Underhill",
        "Valley",
        "Westmoor",
        "Yarrow",
    ];

    /// <param name="many">
    /// How many more people to add to one organisation (<see cref="ManyPeople"/>); 0 for none.
    /// </param>
    /// <param name="ownerConnectionString">
    /// The role that owns the tables, needed to add many people. Null if the service's own role owns them.
    /// </param>
    public static async Task SeedOnceAsync(IServiceProvider services, int many, string? ownerConnectionString = null)
    {
        await using var scope = services.CreateAsyncScope();
        await using var owner = ownerConnectionString is null ? null : Connection.To(ownerConnectionString);
        await using var db = owner is null
            ? scope.ServiceProvider.GetRequiredService<Db>()
            : new Db(new DbContextOptionsBuilder<Db>().UseNpgsql(owner).Options);
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        var options = scope.ServiceProvider.GetRequiredService<IOptions<RollcallOptions>>().Value;
        await using var transaction = await db.Database.BeginTransactionAsync();
        // Two instances may start at the same time.
        await db.Database.ExecuteSqlAsync($"lock table organisations in share row exclusive mode");
        if (await db.Users.AnyAsync())
        {
            return;
        }

        var people = new DemonstrationPeople(
            db,
            now,
            options,
            scope.ServiceProvider.GetRequiredService<Secret>(),
            options.SignIn.Passwords
                ? scope.ServiceProvider.GetRequiredService<Passwords>().Hash(DevSignInModel.Password)
                : null
        );
        var samira = people.AddSupport("Samira", "Khan");
        var tom = people.AddSupport("Tom", "Okafor");
        var organisations = Places
            .SelectMany(
                (place, i) =>
                    new[] { $"{place} Primary School", $"{place} High School" }.Select(
                        (name, j) =>
                            new Organisation
                            {
                                Name = name,
                                Code = string.Create(CultureInfo.InvariantCulture, $"DEMO-{i * 2 + j + 1:00}"),
                                CreatedAt = people.Began,
                            }
                    )
            )
            .ToList();
        db.AddRange(organisations);

        // Ashdown Primary School has 61 people: three pages for support, two for its own admins. Its admin and first
        // member are the people to sign in as.
        var ashdown = organisations[0];
        var beechwood = organisations[2];
        beechwood.SecondFactorRequired = options.SignIn.Passwords;
        people.Join(people.Add("Alex", "Morgan", registered: true), ashdown, people.Admin);
        people.Join(people.Add("Mina", "Shah", registered: true), ashdown, people.Member);
        var nia = people.Add("Nia", "Lloyd", registered: true); // belongs to two organisations
        people.Join(nia, ashdown, people.Member);
        people.Join(nia, beechwood, people.Member);
        people.Join(tom, ashdown, people.Member);
        for (var i = 0; i < 57; i++)
        {
            var person = NextPerson(registered: i % 5 != 4);
            var membership = people.Join(person, ashdown, people.Member);
            if (i % 20 == 7)
            {
                people.Pause(person, membership);
            }
        }
        people.Join(people.Add("Robin", "Hart", registered: true), beechwood, people.Admin);
        foreach (var organisation in organisations.Skip(3).Take(30))
        {
            for (var i = 0; i < 3; i++)
            {
                people.Join(NextPerson(registered: i != 2), organisation, i == 0 ? people.Admin : people.Member);
            }
        }

        await db.SaveChangesAsync();
        var demonstration = scope.ServiceProvider.GetRequiredService<IConfiguration>().GetSection("Demonstration");
        people.Divide(ashdown, demonstration.GetSection("ServiceAreas").Get<string[]>() ?? []);
        await people.PublishAsync(demonstration["Terms"], samira);
        await db.SaveChangesAsync();
        if (many > 0)
        {
            await ManyPeople.SeedAsync(db, people, many, FirstNames, LastNames);
        }

        await transaction.CommitAsync();
        if (many > 0)
        {
            await db.Database.ExecuteSqlAsync($"vacuum memberships"); // or deep pages are slow until autovacuum comes
        }

        User NextPerson(bool registered) =>
            people.Add(
                FirstNames[people.Count * 7 % FirstNames.Length],
                LastNames[people.Count * 11 % LastNames.Length],
                registered
            );
    }
}
