using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.History;

/// <summary>Rows are kept for years: every version reads those of the versions before it.</summary>
public sealed class EventTests
{
    /// <summary>Three lines for each row of <c>events.txt</c>.</summary>
    private sealed record Stored(string Kind, bool HasActor, string Data, string Sentence);

    private static readonly List<Stored> Rows =
    [
        .. File.ReadAllText(Path.Combine(Repository.Root, "tests", "Rollcall.Tests", "History", "events.txt"))
            .Split("\n\n")
            .Select(block => block.Trim().Split('\n'))
            .Select(lines => new Stored(lines[0].Split(' ')[0], !lines[0].Contains(' '), lines[1], lines[2])),
    ];

    private static readonly List<Type> Records =
    [
        .. typeof(Event).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(Event)) && !type.IsAbstract),
    ];

    private static AuditEvent Row(string kind, string data) =>
        new()
        {
            At = DateTimeOffset.UnixEpoch,
            Kind = kind,
            ActorName = "Bo",
            Data = data,
        };

    private static string Tell(string kind, string data, bool hasActor = true) =>
        new RecordedEvent(Row(kind, data), new EventContext("Bo", "Hillview School", hasActor)).What;

    private static IEnumerable<string> FactsOf(Type record) =>
        record
            .GetConstructors()
            .Single()
            .GetParameters()
            .Select(parameter => JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!));

    /// <summary>The facts that say something. A null one may be left out.</summary>
    private static SortedDictionary<string, string> Known(string json) =>
        new(
            JsonNode
                .Parse(json)!
                .AsObject()
                .Where(fact => fact.Value is not null)
                .ToDictionary(fact => fact.Key, fact => fact.Value!.ToJsonString(), StringComparer.Ordinal),
            StringComparer.Ordinal
        );

    [Fact]
    public void Every_stored_event_reads_as_it_always_has() =>
        Assert.All(Rows, row => Assert.Equal(row.Sentence, Tell(row.Kind, row.Data, row.HasActor)));

    [Fact]
    public void No_fact_of_a_stored_event_is_lost() =>
        Assert.All(
            Rows.Where(row => Event.Kinds.Values.Contains(row.Kind)),
            row => Assert.Equal(Known(row.Data), Known(Event.Read(Row(row.Kind, row.Data))!.ToJson()))
        );

    [Fact]
    public void Every_record_has_a_kind_of_its_own_and_every_fact_of_it_is_in_the_stored_rows()
    {
        Assert.Equal(Records.Count, Event.Kinds.Values.Distinct(StringComparer.Ordinal).Count());
        Assert.All(
            Records,
            record =>
            {
                var stored = Rows.Where(row => row.Kind == Event.Kinds[record]).ToList();
                Assert.NotEmpty(stored);
                var seen = stored.SelectMany(row => Known(row.Data)).Select(fact => fact.Key).ToHashSet();
                Assert.Equal([], FactsOf(record).Except(seen, StringComparer.Ordinal));
            }
        );
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_row_without_facts_has_a_sentence(string data) =>
        Assert.All(Event.Kinds.Values, kind => AssertReads(Tell(kind, data)));

    /// <summary>One fact at a time is missing, then of every other type.</summary>
    [Fact]
    public void A_row_with_a_wrong_fact_has_a_sentence()
    {
        string?[] others = [null, "null", "1", "\"text\"", "true", "[]", "[1]", "[null]", "{}", """{"name":1}"""];
        foreach (var row in Rows)
        {
            foreach (var fact in JsonNode.Parse(row.Data)!.AsObject().Select(fact => fact.Key))
            {
                foreach (var other in others)
                {
                    var facts = JsonNode.Parse(row.Data)!.AsObject();
                    facts.Remove(fact);
                    if (other is not null)
                    {
                        facts[fact] = JsonNode.Parse(other);
                    }

                    AssertReads(Tell(row.Kind, facts.ToJsonString(), row.HasActor));
                }
            }
        }
    }

    [Fact]
    public void An_optional_fact_is_stored_only_if_it_is_given_and_any_other_always()
    {
        Assert.Equal("""{"reason":null}""", new MemberPaused(null).ToJson());
        Assert.Equal("{}", new SignedOutEverywhere().ToJson());
        Assert.Equal("""{"notMine":true}""", new SignedOutEverywhere(NotMine: true).ToJson());
    }

    private static void AssertReads(string sentence)
    {
        Assert.NotEmpty(sentence);
        Assert.DoesNotContain("  ", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("null", sentence, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(@"[\s:,]$|[\s:,][:,]", sentence);
    }
}
