using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Rollcall.Tests.Web.GovUk;

/// <summary>
/// Compares HTML as a browser reads it. Insignificant: the order of attributes and of class names, and white space that
/// CSS would not show (several spaces are one; none remain at the edges of blocks). Significant: everything else, so
/// also the space between two words.
/// </summary>
internal static class Dom
{
    private static readonly HashSet<string> Inline = new(StringComparer.OrdinalIgnoreCase)
    {
        "a",
        "abbr",
        "b",
        "code",
        "em",
        "i",
        "label",
        "small",
        "span",
        "strong",
    };

    private static readonly HashSet<string> InlineBoxes = new(StringComparer.OrdinalIgnoreCase)
    {
        "br",
        "button",
        "img",
        "input",
        "select",
        "svg",
        "textarea",
    };

    /// <summary>Null if both are the same, else what differs.</summary>
    public static string? Difference(string expected, string actual)
    {
        var want = Lines(expected);
        var have = Lines(actual);
        var same = want.Zip(have)
            .TakeWhile(pair => string.Equals(pair.First, pair.Second, StringComparison.Ordinal))
            .Count();
        if (same == want.Count && same == have.Count)
        {
            return null;
        }

        var report = new StringBuilder();
        foreach (var line in want.Take(same))
        {
            report.Append("    ").AppendLine(line);
        }

        foreach (var line in want.Skip(same).Take(3))
        {
            report.Append("  - ").AppendLine(line);
        }

        foreach (var line in have.Skip(same).Take(3))
        {
            report.Append("  + ").AppendLine(line);
        }

        return report.ToString();
    }

    /// <summary>The document, one element or text a line.</summary>
    public static IReadOnlyList<string> Lines(string html)
    {
        var body = new HtmlParser().ParseDocument(html).Body!;
        var line = new LineOfText();
        Collapse(body, line);
        line.End();
        var lines = new List<string>();
        Write(body, depth: 0, lines);
        return lines;
    }

    private static void Collapse(INode parent, LineOfText line)
    {
        foreach (var node in parent.ChildNodes.ToList())
        {
            if (node is IComment)
            {
                node.RemoveFromParent();
            }
            else if (node is IText text)
            {
                line.Add(text);
            }
            else if (node is not IElement element)
            {
                continue;
            }
            else if (Inline.Contains(element.LocalName))
            {
                Collapse(element, line);
            }
            else
            {
                var box = InlineBoxes.Contains(element.LocalName);
                if (!box)
                {
                    line.End();
                }

                if (element.LocalName is not ("textarea" or "pre"))
                {
                    var inside = new LineOfText();
                    Collapse(element, inside);
                    inside.End();
                }

                if (box)
                {
                    line.AddBox();
                }
            }
        }
    }

    private static void Write(IElement parent, int depth, List<string> lines)
    {
        var indent = new string(' ', depth * 2);
        foreach (var node in parent.ChildNodes)
        {
            if (node is IText { Data.Length: > 0 } text)
            {
                lines.Add($"{indent}\"{text.Data.ReplaceLineEndings("⏎")}\"");
            }

            if (node is not IElement element)
            {
                continue;
            }

            var attributes = element
                .Attributes.OrderBy(a => a.Name, StringComparer.Ordinal)
                .Select(a => $" {a.Name}=\"{Value(a)}\"");
            lines.Add($"{indent}<{element.LocalName}{string.Concat(attributes)}>");
            Write(element, depth + 1, lines);
        }
    }

    private static string Value(IAttr attribute) =>
        attribute.Name is "class"
            ? string.Join(
                ' ',
                attribute
                    .Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                    .Order(StringComparer.Ordinal)
            )
            : attribute.Value;

    /// <summary>Text that runs through inline elements up to the edge of a block.</summary>
    private sealed class LineOfText
    {
        private bool afterSpace = true;
        private IText? last;

        public void Add(IText text)
        {
            var kept = new StringBuilder();
            foreach (var character in text.Data)
            {
                var space = character is ' ' or '\n' or '\r' or '\t' or '\f';
                if (!space || !afterSpace)
                {
                    kept.Append(space ? ' ' : character);
                }

                afterSpace = space;
            }

            text.Data = kept.ToString();
            if (kept.Length > 0)
            {
                last = text;
            }
        }

        public void AddBox()
        {
            afterSpace = false;
            last = null;
        }

        public void End()
        {
            if (afterSpace && last is not null)
            {
                last.Data = last.Data.TrimEnd(' ');
            }

            afterSpace = true;
            last = null;
        }
    }
}
