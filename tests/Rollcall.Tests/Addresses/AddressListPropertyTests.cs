using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Addresses;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Addresses;

/// <summary>Properties that hold for every text, in the server's and the browser's parser alike.</summary>
public sealed class AddressListPropertyTests
{
    private static readonly string[] Parts =
    [
        "jane@x.uk",
        "Jane.Doe@Example.com",
        "o'brien@x.uk",
        "a+b@x.co.uk",
        "-a-@x.uk",
        "bob@x.com",
        "BOB@X.COM",
        "bob@x.co",
        "jo@bücher.de",
        "jo@xn--bcher-kva.de",
        "a@例え.テスト",
        "c@gmial.com",
        "c@gmail.con",
        "c@hotmial.co.uk",
        "c@gmailcom",
        "c@exampleco",
        "a@x",
        "@x.uk",
        "jane@",
        "a@@x.uk",
        "a@b@c.com",
        "e＠x.uk",
        "bob.x.uk",
        "mailto:",
        "MAILTO:q@x.uk?subject=x",
        "To:",
        "Cc: ",
        "email:",
        "1.",
        "2)",
        "12345.",
        "Jane",
        "Doe",
        "Doe, Jane",
        "\"Doe, Jane\"",
        "Hello",
        "com",
        "co.uk",
        "uk",
        "net",
        "<",
        ">",
        "(",
        ")",
        "[",
        "]",
        "](",
        "{",
        "}",
        "\"",
        "'",
        "“",
        "”",
        "`",
        "*",
        "**",
        "_",
        "~",
        "|",
        "•",
        "-",
        "–",
        "&",
        "?",
        "!",
        ":",
        ".",
        "..",
        "…",
        "#",
        " ",
        " ",
        " ",
        "  ",
        "\t",
        "\t",
        ",",
        ", ",
        ",",
        ";",
        "; ",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "\u2028",
        "\u2029",
        "\u0085",
        "\u00A0",
        "\u3000",
        "\u000B",
        "，",
        "；",
        "@",
        "@",
        " @ ",
        "\u200B",
        "\uFEFF",
        "\u00AD",
        "\u200E",
        "\u202A",
        "\u180E",
        "\u0600",
        "\u3164",
        "\u034F",
        "\0",
        "\u007F",
        "\uD800",
        "\uDC00",
        "😀",
        "é",
        "ı",
        "\u212A",
        "ß",
        "ſ",
        "例",
    ];

    private static readonly string[] Letters =
    [
        "a",
        "b",
        "z",
        "A",
        "0",
        "9",
        "-",
        "é",
        "É",
        "e\u0301",
        "ß",
        "ς",
        "Σ",
        "ж",
        "Ж",
        "例",
        "ア",
        "ｱ",
        "한",
        "ก",
        "नि",
        "\u0301",
        "ı",
        "ﬁ",
        "Ａ",
        "①",
        "²",
        "½",
        "…",
        "｡",
        "。",
        "´",
        "・",
        "。",
        "_",
        "%",
        "/",
    ];

    private static readonly Gen<string> Address = Gen.Elements(Letters)
        .NonEmptyListOf()
        .Select(letters => $"a@{string.Concat(letters)}.uk");

    private static readonly Gen<string> RightToLeft = Gen.Elements("ن", "م", "ي", "ب", "א", "ש", "ל")
        .NonEmptyListOf()
        .Select(letters => $"a@{string.Concat(letters)}.uk ");

    // Not the newest Unicode characters, which the server may know before the browser does.
    private static readonly Gen<string> Anything = Gen.Choose(0, 0xFFFF)
        .Select(c => (char)c)
        .Where(c =>
            !TurnsDirection(c)
            && char.GetUnicodeCategory(c)
                is not (
                    UnicodeCategory.OtherNotAssigned
                    or UnicodeCategory.NonSpacingMark
                    or UnicodeCategory.SpacingCombiningMark
                )
        )
        .Select(c => $"{c}");

    private static readonly Gen<string> Text = Gen.Frequency(
            (12, Gen.Elements(Parts)),
            (1, Address),
            (1, RightToLeft.Select(address => $" {address}")),
            (1, Anything),
            (1, Gen.Choose(0x20, 0x7E).Select(c => $"{(char)c}"))
        )
        .ListOf()
        .Select(string.Concat);

    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(3000);

    [Fact]
    public void C_S4_4_Every_recognised_address_stands_for_itself_and_is_counted_once() =>
        Prop.ForAll(
                Text.ToArbitrary(),
                text =>
                {
                    var entries = AddressList.Parse(text);
                    var recognised = entries.Where(entry => entry.Kind == AddressKind.Recognised).ToList();
                    Assert.Equal(
                        entries
                            .Where(entry => entry.Address is not null)
                            .Select(entry => entry.Address!.Key)
                            .Distinct()
                            .Count(),
                        recognised.Count
                    );
                    foreach (var address in recognised.Select(entry => entry.Address!))
                    {
                        Assert.True(EmailAddress.TryParse(address.Display, out _));
                        Assert.Equal(
                            [address.Display],
                            AddressList.Parse(address.Display).Select(entry => entry.Address?.Display)
                        );
                    }
                }
            )
            .Check(Many);

    [Fact]
    public void C_A_repeat_names_the_line_that_has_it_first_and_entries_are_in_order() =>
        Prop.ForAll(
                Text.ToArbitrary(),
                text =>
                {
                    var entries = AddressList.Parse(text);
                    Assert.Equal(entries.Select(entry => entry.Line).Order(), entries.Select(entry => entry.Line));
                    foreach (var entry in entries.Where(entry => entry.Kind == AddressKind.Repeated))
                    {
                        Assert.Equal(
                            entry.FirstLine,
                            entries.First(other => entry.Address!.Equals(other.Address)).Line
                        );
                    }

                    Assert.All(entries, entry => Assert.False(string.IsNullOrWhiteSpace(entry.Text)));
                    Assert.All(
                        entries,
                        entry =>
                            Assert.True(
                                entry.Suggestion is null
                                    || (
                                        EmailAddress.TryParse(entry.Suggestion, out var meant)
                                        && !meant.Equals(entry.Address)
                                    )
                            )
                    );
                }
            )
            .Check(Many);

    [Fact]
    public void C_S4_3_Two_lists_below_each_other_are_one() =>
        Prop.ForAll(
                Text.ToArbitrary(),
                Text.ToArbitrary(),
                (above, below) =>
                {
                    static IEnumerable<(string, string?)> Told(string text) =>
                        AddressList.Parse(text).Select(entry => (entry.Text, entry.Address?.Display));
                    Assert.Equal(Told(above).Concat(Told(below)), Told($"{above}\n{below}"));
                }
            )
            .Check(Many);

    [Fact]
    public void C_S4_9_No_word_with_an_at_sign_goes_missing() =>
        Prop.ForAll(
                Gen.Elements(
                        "a@x.uk",
                        "b@x",
                        "c@",
                        "<d@x.uk>",
                        "e@x.uk,",
                        "Jane <f@x.uk>,",
                        "\tg@x.uk",
                        "(h@x.uk)",
                        "@i",
                        "x"
                    )
                    .ListOf()
                    .ToArbitrary(),
                parts =>
                {
                    var told = string.Concat(AddressList.Parse(string.Join('\n', parts)).Select(entry => entry.Text));
                    Assert.All(
                        parts,
                        part => Assert.Contains(part.Trim(' ', ',', '\t'), told, StringComparison.Ordinal)
                    );
                }
            )
            .Check(Many);

    [Fact]
    public async Task C_S4_4_The_browser_tells_every_text_the_same_entries()
    {
        var texts = Text.Sample(4000, 40)
            .Concat(AddressListCase.All.Select(one => one.Text))
            .Concat(NaughtyStrings.All)
            .Concat(NaughtyStrings.All.Where(text => !text.Any(TurnsDirection)).Select(text => $"a@{text}.uk"))
            .ToList();
        // Includes long texts: a scanner with quadratic time would not finish.
        texts.AddRange(
            AddressListTests.Hostile.Select(row =>
                string.Concat(Enumerable.Repeat(row.Data.Item1, 300_000 / row.Data.Item1.Length)) + row.Data.Item2
            )
        );
        var told = await BrowserAsync(texts);
        Assert.Equal(texts.Count, told.Count);
        foreach (var (i, text) in texts.Index())
        {
            Assert.True(
                string.Equals(Written(text), told[i], StringComparison.Ordinal),
                $"{Escaped(text)}\nserver: {Escaped(Written(text))}\nbrowser: {Escaped(told[i])}"
            );
        }
    }

    private static string Written(string text) =>
        string.Join(
            "\0\0",
            AddressList
                .Parse(text)
                .Select(entry =>
                    string.Join(
                        '\0',
                        entry.Line.ToString(CultureInfo.InvariantCulture),
                        entry.Text,
                        entry.Address?.Display,
                        entry.Address?.Key,
                        entry.FirstLine?.ToString(CultureInfo.InvariantCulture),
                        entry.Suggestion
                    )
                )
        );

    private static async Task<List<string>> BrowserAsync(IEnumerable<string> texts)
    {
        using var node = Process.Start(
            new ProcessStartInfo("node", [Repository.Path("tests", "Rollcall.Tests", "Support", "address-lists.mjs")])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        var answer = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (var text in texts)
        {
            await node.StandardInput.WriteLineAsync(Convert.ToBase64String(MemoryMarshal.AsBytes(text.AsSpan())));
        }

        node.StandardInput.Close();
        var lines = (await answer).Split('\n');
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, node.ExitCode);
        return
        [
            .. lines
                .SkipLast(1)
                .Select(line => new string(MemoryMarshal.Cast<byte, char>(Convert.FromBase64String(line)))),
        ];
    }

    /// <summary>
    /// The server accepts a domain that mixes directions and the browser does not. No one can register such a domain.
    /// </summary>
    private static bool TurnsDirection(char c) => c is (>= '\u0590' and <= '\u08FF') or (>= '\uFB1D' and <= '\uFEFE');

    private static string Escaped(string text) =>
        string.Concat(text.Select(c => c is >= ' ' and <= '~' ? $"{c}" : $"\\u{(int)c:X4}"));
}
