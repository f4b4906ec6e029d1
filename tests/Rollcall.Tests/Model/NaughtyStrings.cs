namespace Rollcall.Tests.Model;

/// <summary>Strings that have broken forms elsewhere, by category.</summary>
internal static class NaughtyStrings
{
    public static IReadOnlyList<string> All { get; } =
    [
        // Reserved words and things that languages read as values
        "", "undefined", "null", "NULL", "nil", "None", "true", "false", "NaN", "Infinity", "-Infinity", "0", "1/0", "-0", "0x0", "1E+02", "1,000.00", "1'000", "$HOME", "%s%s%n",
        "{0}", "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "@Model.Name", "((name))", "CON", "aux.txt", "LPT1", "__proto__", "constructor", "hasOwnProperty",
        // Numbers too long, digits of other scripts
        "99999999999999999999999999", "00000", "١٢٣", "１２３", "½", "²", "Ⅷ",
        // Special characters
        ",./;'[]\\-=", "<>?:\"{}|_+", "!@#$%^&*()`~", "'", "\"", "''''\"'", "`", "&amp;", "&lt;b&gt;", "&#13;", "%00", "%0d%0aBcc:x", "\\", "\\\\", "/", "//", "..", "...", "-", "--", "_",
        "a@b", "@", "@@", "a@@b.com",
        // Control characters and their kin
        "\0", "a\0b", "\u0001\u0002\u0003", "\u0007", "\b", "\u001B[31mred", "\u007F", "\u0080\u0085\u009F", "\uFFFE", "\uFFFF", "\uFFFD", "\uE000", "\uFFF9\uFFFA\uFFFB",
        // Blanks
        " ", "\t", "\v\f", "\u00A0", "\u1680", "\u2000\u2001\u2002", "\u2028", "\u2029", "\u3000", "\u180E", "\u200B", "\uFEFF", "\u2060", "\u3164", "\u2800", "\u115F", "\uFFA0", "\u00AD",
        // Broken UTF-16
        "\uD800", "\uDC00", "\uDFFF\uD800", "a\uD83Db", "\uD83D\uD83D\uDE00", "name\uD800@example.com", "name@ex\uDC00ample.com",
        // Bidirectional text and overrides
        "\u202Eevil", "a\u202Eb\u202Cc", "\u2066\u2067\u2068\u2069", "\u200E\u200F", "\u061C", "בְּרֵאשִׁית", "الكل في المجموعة", "test\u202Emoc.live", "ﷺ", "ﷻ",
        // Combining marks and composition
        "Z\u0308", "e\u0301", "\u0301", "\u0301\u0301\u0301", "T\u0336h\u0334e\u0337", "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤ ̖t̝͕̳̣̻̪͞h̼͓̲̦̳̘̲e͇̣̰̦̬͎", "각", "\u0344", "\u1FEF", "Å", "Ω", "K", "ſ", "ß", "ẞ", "ı", "İ", "ŉ", "ﬃ",
        // Emoji
        "😍", "👩🏽", "👨‍👩‍👧‍👦", "🇬🇧", "🏴\uDB40\uDC67\uDB40\uDC62\uDB40\uDC7F", "✋🏿", "1️⃣", "\uFE0F", "ヽ༼ຈل͜ຈ༽ﾉ", "( ͡° ͜ʖ ͡°)",
        // Scripts
        "田中さんにあげて下さい", "パーティーへ行かないか", "和製漢語", "찦차를 타고 온 펲시맨", "Ⱥ", "ÅÍÎÏ˝ÓÔ", "ЁЂЃЄЅІЇ", "ЅСНООL", "ⁿᵃᵐᵉ", "ⓝⓐⓜⓔ", "𝓷𝓪𝓶𝓮", "ｎａｍｅ", "ɐuɐ", "ʎɹɐɯ", "नमस्ते", "ශ්‍රී", "علی‌رضا",
        // HTML and scripts
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover=alert(1) x='", "<b>", "</title>", "<!--", "-->", "<svg/onload=alert(1)>", "＜script＞",
        "javascript:alert(1)", "data:text/html,x", "<a href=\"http://evil.example\">x</a>", "\u3008script\u3009", "<<<<", "]]>", "<?xml version=\"1.0\"?>",
        // Links and Markdown
        "http://evil.example", "https://a", "HTTP://EVIL.EXAMPLE", "hxxp://evil[.]example", "evil.com", "evil．com", "evil。com", "www.evil", "//evil.example", "[x](y)", "[x](http://y)", "![x](y)",
        "**bold**", "# Heading", "`code`", "* item", "> quote", "ftp://x", "mailto:a@b.com", "tel:0800", "a@evil.com", "evil.com/path?x=1#y", "\\\\server\\share", "file:///etc/passwd",
        // Headers, logs and commands
        "x\r\nBcc: y@example.com", "x\nSubject: z", "x\rX-Header: 1", "x%0ABcc:y", "name@example.com\r\nBcc: y@example.com", "name@example.com%0a", "a@b.com,c@d.com", "a@b.com c@d.com",
        "$(touch /tmp/x)", "`ls`", "| cat", "; rm -rf /", "&& id", "=1+1", "+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\tx", "../../../etc/passwd", "C:\\con",
        // SQL
        "1;DROP TABLE users", "' OR 1=1 -- 1", "Robert'); DROP TABLE students;--", "%", "_", "\\'", "$$", "E'\\000'", "'; select pg_sleep(10); --",
        // Real names and addresses that filters refuse by mistake
        "Scunthorpe", "Dick Cockburn", "Nguyễn", "O'Neil-Test", "Van Null", "sarah.o'brien@example.com", "user+tag@example.com", "x@xn--fiqs8s.com",
        // Long
        new('a', 101), new('é', 200), new(' ', 100_000), new string('a', 100_000) + "@x.com", "a@" + new string('b', 100_000), string.Concat(Enumerable.Repeat("a.", 50_000)),
        string.Concat(Enumerable.Repeat("😀", 101)), "a" + new string('\u0301', 5_000),
    ];
}
