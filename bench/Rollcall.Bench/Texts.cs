using System.Diagnostics;
using System.Globalization;
using Rollcall.Addresses;
using Rollcall.Web;

namespace Rollcall.Bench;

/// <summary>
/// Texts that would cost a careless parser the square of their length. Twice the text takes twice as long where the
/// cost is in proportion, four times in the square.
/// </summary>
internal static class Texts
{
    private static readonly string[] Lists =
    [
        "<",
        "\"",
        "(",
        "[",
        "](",
        "a",
        "a@",
        "a@ ",
        "a ",
        ",",
        ".",
        "\n",
        "\t",
        " ",
        "1.",
        "to:",
        "<a@x.uk",
        "a@x.uk <a@x.uk>",
        "\u200B",
        "é",
        "name.surname@example.com\n",
    ];
    private static readonly string[] Markdown = ["[", "![", "[a](", "*a ", "*_", "[a][", "> ", "1. ", "<a:", "&"];

    public static Task MeasureAsync()
    {
        Print("Addresses in 1, 2 and 4 MB of one piece repeated", Lists, 1_000_000, text => AddressList.Parse(text));
        Print("An address of 1, 2 and 4 MB", Lists, 1_000_000, text => EmailAddress.Check(text + "@x.uk"));
        Print(
            "Terms of 25, 50 and 100 kB in paragraphs as long as they may be",
            Markdown,
            25_000,
            text => GovUkMarkdown.TryRender(Paragraphs(text), out _, out _)
        );
        return Task.CompletedTask;
    }

    private static string Paragraphs(string text) =>
        string.Join("\n\n", text.Chunk(9_900).Select(chunk => new string(chunk)));

    private static void Print(string title, string[] pieces, int size, Action<string> read)
    {
        Console.WriteLine(title);
        foreach (var piece in pieces)
        {
            string Text(int times) => string.Concat(Enumerable.Repeat(piece, size * times / piece.Length));
            var one = Best(Text(1));
            var two = Best(Text(2));
            var four = Best(Text(4));
            var shown = piece
                .Replace("\n", "\\n", StringComparison.Ordinal)
                .Replace("\t", "\\t", StringComparison.Ordinal);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {shown, -28} {one, 8:0.0} ms  × {two / one, 5:0.0}  × {four / one, 5:0.0}"
                )
            );
        }
        Console.WriteLine();

        // The best of several: what a shared machine adds is never less than nothing.
        double Best(string text) =>
            Enumerable
                .Range(0, 7)
                .Min(_ =>
                {
                    var begun = Stopwatch.GetTimestamp();
                    read(text);
                    return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
                });
    }
}
