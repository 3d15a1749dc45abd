namespace Tsunagi.Connectivity.Import.FreeRadius;

/// <summary>
/// The users file (mods-config/files/authorize): an entry begins at the margin with a name and its check items, indented lines hold reply items. DEFAULT entries are rules over requests and have no place here: they are
/// told.
/// </summary>
internal static class UsersFile
{
    private static readonly string[] Operators = [":=", "+=", "==", "!=", ">=", "<=", "=~", "!~", "=*", "!*", "-=", "=", ">", "<"];

    public static void Read(ImportFile file, RadiusConfiguration read)
    {
        var user = "";
        var number = 0;
        foreach (var raw in file.Text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd('\r', ' ', '\t');
            var trimmed = line.TrimStart();
            if (trimmed.Length == 0 || trimmed[0] == '#')
            {
                continue;
            }

            if (trimmed.StartsWith("$INCLUDE", StringComparison.OrdinalIgnoreCase))
            {
                read.Problems.Add(new ImportProblem(file.Name, number, $"{trimmed}: give that file too", true));
            }
            else if (char.IsWhiteSpace(line[0]))
            {
                Items(file, number, user, trimmed, read.UserReplies, read.Problems);
            }
            else
            {
                user = NameOf(trimmed, out var checks);
                if (user == "DEFAULT")
                {
                    read.Problems.Add(new ImportProblem(file.Name, number, $"a DEFAULT entry is a rule over requests and is not taken: {(trimmed.Length > 80 ? trimmed[..80] + "…" : trimmed)}", true));
                    user = "";
                    continue;
                }

                Items(file, number, user, checks, read.UserChecks, read.Problems);
            }
        }
    }

    private static string NameOf(string line, out string rest)
    {
        if (line[0] == '"' && line.IndexOf('"', 1) is > 0 and var close)
        {
            rest = line[(close + 1)..].Trim();
            return line[1..close];
        }

        var end = line.IndexOfAny([' ', '\t']);
        rest = end < 0 ? "" : line[end..].Trim();
        return end < 0 ? line : line[..end];
    }

    private static void Items(ImportFile file, int line, string user, string text, List<RadiusItem> items, List<ImportProblem> problems)
    {
        if (user.Length == 0)
        {
            return;
        }

        foreach (var part in Split(text))
        {
            if (Cut(part) is not var (attribute, op, value) || attribute.Length == 0)
            {
                problems.Add(new ImportProblem(file.Name, line, $"\"{(part.Length > 60 ? part[..60] + "…" : part)}\" of {user} was not understood", true));
                continue;
            }

            items.Add(new RadiusItem(file.Name, line, user, attribute, op, ClientsConf.Unquote(value)));
        }
    }

    /// <summary>At commas that stand in no quotes; a comment at the end is left out.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var (start, quote) = (0, '\0');
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (quote == '\0' && text[i] is ',' or '#' && quote == '\0'))
            {
                if (text[start..i].Trim() is { Length: > 0 } part)
                {
                    yield return part;
                }

                if (i < text.Length && text[i] == '#')
                {
                    yield break;
                }

                start = i + 1;
            }
            else if (quote != '\0')
            {
                quote = text[i] == quote && text[i - 1] != '\\' ? '\0' : quote;
            }
            else if (text[i] is '"' or '\'')
            {
                quote = text[i];
            }
        }
    }

    private static (string Attribute, string Operator, string Value)? Cut(string part)
    {
        var at = part.IndexOfAny([':', '+', '=', '!', '>', '<', ' ', '\t']);
        if (at <= 0)
        {
            return null;
        }

        // Attribute names may hold hyphens and nothing of the operators.
        var rest = part[at..].TrimStart();
        return Array.Find(Operators, op => rest.StartsWith(op, StringComparison.Ordinal)) is { } found ? (part[..at].Trim(), found, rest[found.Length..].Trim()) : null;
    }
}
