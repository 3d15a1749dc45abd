using System.Text;

namespace Tsunagi.Mail.Import;

/// <summary>
/// A main.cf (postconf(5)): the last word on a parameter counts, and <c>$name</c>, <c>${name}</c> and <c>$(name)</c> stand for another's value. Conditions (<c>${name?value}</c>) are told and not understood:
/// what such a parameter says is then not known at all, and nothing is made of it.
/// </summary>
internal sealed class MainCf
{
    /// <summary>Characters of one expanded value; a parameter that grows past it is told and left out.</summary>
    public const int MaxValue = 256 * 1024;

    private const int MaxDepth = 20;
    private readonly Dictionary<string, (int Line, string Value)> _values = new(StringComparer.Ordinal);
    private readonly ImportProblems _problems;

    private MainCf(string file, ImportProblems problems)
    {
        File = file;
        _problems = problems;
    }

    public string File { get; }

    public static MainCf Read(string file, string text, ImportProblems problems)
    {
        var read = new MainCf(file, problems);
        foreach (var (line, logical) in PostfixLines.Of(text))
        {
            var equals = logical.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : logical[..equals].TrimEnd();
            if (!IsName(name))
            {
                problems.Error(file, line, "this is no \"name = value\"");
                continue;
            }

            read._values[name] = (line, logical[(equals + 1)..].Trim());
        }

        return read;
    }

    /// <summary>Line of a parameter; 0 for one that is not there.</summary>
    public int LineOf(string name) => _values.GetValueOrDefault(name).Line;

    /// <summary>Whether the file says something of it.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The value with all names in it replaced; empty, and told, when that cannot be done.</summary>
    public string Value(string name)
    {
        var into = new StringBuilder();
        if (Expand(Raw(name), into, 0) is { } why)
        {
            _problems.Error(File, LineOf(name), $"{name} is not understood and is left out: {why}");
            return "";
        }

        return into.ToString();
    }

    private string Raw(string name) => _values.TryGetValue(name, out var found) ? found.Value : name switch
    {
        // What Postfix takes where main.cf is silent, as far as it is asked for here (postconf -d).
        "config_directory" => Path.GetDirectoryName(File) ?? "",
        "default_database_type" => "hash",
        "mydestination" => "$myhostname, localhost.$mydomain, localhost",
        "mydomain" when _values.TryGetValue("myhostname", out var host) && host.Value.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot => host.Value[(dot + 1)..],
        "mydomain" => "localdomain",
        "relay_transport" => "relay",
        "virtual_alias_domains" => "$virtual_alias_maps",
        "virtual_alias_maps" => "$virtual_maps",
        "virtual_mailbox_domains" => "$virtual_mailbox_maps",
        _ => "",
    };

    /// <summary>Null when it was done; else why not.</summary>
    private string? Expand(string text, StringBuilder into, int depth)
    {
        if (depth > MaxDepth)
        {
            return "its names lead in a circle, or too deep";
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (into.Length >= MaxValue)
            {
                return $"its value has more than {MaxValue} characters";
            }

            if (text[i] != '$')
            {
                into.Append(text[i]);
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == '$')
            {
                into.Append('$');
                i++;
                continue;
            }

            var close = i + 1 < text.Length ? text[i + 1] switch { '{' => '}', '(' => ')', _ => '\0' } : '\0';
            var start = close == '\0' ? i + 1 : i + 2;
            var end = close == '\0' ? EndOfName(text, start) : text.IndexOf(close, start);
            if (end < 0 || !IsName(text[start..end].Trim()))
            {
                return $"'{Shown(text[i..])}' is a condition, or no name";
            }

            if (Expand(Raw(text[start..end].Trim()), into, depth + 1) is { } why)
            {
                return why;
            }

            i = close == '\0' ? end - 1 : end;
        }

        return null;
    }

    private static int EndOfName(string text, int start)
    {
        var end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        return end;
    }

    private static bool IsName(string name) => name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
