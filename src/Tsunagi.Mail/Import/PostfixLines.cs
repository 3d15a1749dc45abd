using System.Text;

namespace Tsunagi.Mail.Import;

/// <summary>The logical lines of Postfix's files (postconf(5), postmap(1)): a line that begins with white space continues the one before; empty lines and lines whose first character is # are not there.</summary>
internal static class PostfixLines
{
    /// <returns>Each logical line with the number of its first physical one, 1 for the first.</returns>
    public static IEnumerable<(int Line, string Text)> Of(string text)
    {
        var (open, first, number) = (new StringBuilder(), 0, 0);
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd();
            if (line.Length == 0 || line.AsSpan().TrimStart() is ['#', ..])
            {
                continue;
            }

            if (!char.IsWhiteSpace(line[0]) && open.Length > 0)
            {
                yield return (first, open.ToString());
                open.Clear();
            }

            first = open.Length == 0 ? number : first;
            open.Append(open.Length == 0 ? line.TrimStart() : " " + line.TrimStart());
        }

        if (open.Length > 0)
        {
            yield return (first, open.ToString());
        }
    }

    /// <summary>A list's words: white space and commas part them, braces hold together, and their inside is not looked into.</summary>
    public static IEnumerable<string> Words(string text)
    {
        var (depth, start) = (0, -1);
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ' ';
            depth += c switch { '{' => 1, '}' when depth > 0 => -1, _ => 0 };
            var parts = (i == text.Length || depth == 0) && (c == ',' || char.IsWhiteSpace(c));
            if (parts && start >= 0)
            {
                yield return text[start..i];
                start = -1;
            }
            else if (!parts && start < 0)
            {
                start = i;
            }
        }
    }
}
