using System.Text;

namespace Tsunagi.Mail.Import;

/// <summary>One rule of a multimap.conf.</summary>
/// <param name="Values">In lower case but for maps.</param>
internal sealed record RspamdRule(string Name, int Line, IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> Maps)
{
    /// <summary>Empty when the rule does not say.</summary>
    public string this[string key] => Values.GetValueOrDefault(key, "");
}

/// <summary>
/// The part of UCL that multimap.conf is written in: <c>NAME { key = value; … }</c>, also within <c>multimap { }</c>, values in quotes or plain, lists of them in brackets, # comments. What is nested deeper, or included, is told.
/// </summary>
internal static class RspamdRules
{
    public static IEnumerable<RspamdRule> Of(string file, string text, ImportProblems problems)
    {
        var (open, words, line) = (new List<(string Name, int Line, Dictionary<string, string> Values, List<string> Maps)>(), new List<string>(), 0);
        foreach (var (word, at, isQuoted) in Words(text))
        {
            line = at;
            if (isQuoted || word is not ("{" or "}" or ";" or "\n"))
            {
                words.Add(word);
                continue;
            }

            if (word == "{")
            {
                open.Add((words.FirstOrDefault() ?? "", at, new(StringComparer.Ordinal), []));
                words.Clear();
                continue;
            }

            // A value may begin on the line after its key and "=".
            if (word == "\n" && (words.Count < 2 || words[^1] is "=" or "[" or "," || (words.Contains("[") && !words.Contains("]"))))
            {
                continue;
            }

            Keep(file, at, words, open, problems);
            words.Clear();
            if (word == "}" && open.Count > 0)
            {
                var (name, since, values, maps) = open[^1];
                open.RemoveAt(open.Count - 1);
                if (values.Count > 0 || maps.Count > 0)
                {
                    yield return new RspamdRule(name, since, values, maps);
                }
            }
        }

        if (open.Count > 0)
        {
            problems.Error(file, line, $"the block {open[^1].Name} of line {open[^1].Line} does not end");
        }
    }

    private static void Keep(string file, int line, List<string> words, List<(string Name, int Line, Dictionary<string, string> Values, List<string> Maps)> open, ImportProblems problems)
    {
        if (words.Count == 0)
        {
            return;
        }

        var values = words.Skip(1).Where(static word => word is not ("=" or ":" or "[" or "]" or ",")).ToList();
        if (open.Count == 0 || words[0].StartsWith('.') || values.Count == 0)
        {
            problems.Error(file, line, $"'{words[0]}' is not understood here");
        }
        else if (words[0] == "map" || words[0] == "maps")
        {
            open[^1].Maps.AddRange(values);
        }
        else
        {
            open[^1].Values[words[0].ToLowerInvariant()] = string.Join(' ', values).ToLowerInvariant();
        }
    }

    private static IEnumerable<(string Word, int Line, bool IsQuoted)> Words(string text)
    {
        var (word, line) = (new StringBuilder(), 1);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '#' || char.IsWhiteSpace(c) || c is '{' or '}' or ';' or '[' or ']' or ',' or '=' or '"')
            {
                if (word.Length > 0)
                {
                    yield return (word.ToString(), line, false);
                    word.Clear();
                }
            }

            if (c == '#')
            {
                i = text.IndexOf('\n', i) is >= 0 and var end ? end - 1 : text.Length;
            }
            else if (c == '"')
            {
                var (first, quoted) = (line, new StringBuilder());
                for (i++; i < text.Length && text[i] != '"'; i++)
                {
                    i += text[i] == '\\' && i + 1 < text.Length ? 1 : 0;
                    line += text[i] == '\n' ? 1 : 0;
                    quoted.Append(text[i]);
                }

                yield return (quoted.ToString(), first, true);
            }
            else if (c is '\n' or '{' or '}' or ';' or '[' or ']' or ',' or '=')
            {
                yield return (c.ToString(), line, false);
                line += c == '\n' ? 1 : 0;
            }
            else if (!char.IsWhiteSpace(c))
            {
                word.Append(c);
            }
        }

        yield return ("\n", line, false);
    }
}
