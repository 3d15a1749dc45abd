namespace Tsunagi.Mail.Import;

/// <summary>One entry of a table.</summary>
/// <param name="Key">In lower case, as Postfix looks it up.</param>
internal sealed record PostfixEntry(string File, int Line, string Key, string Value);

/// <summary>
/// The tables and lists that parameters name. Tables that are made from a text are read from that text (the file without its .db); those that a program or a server answers are told, with what to do instead.
/// </summary>
/// <param name="read">The text of a file; null when it is not there.</param>
internal sealed class PostfixMaps(Func<string, string?> read, ImportProblems problems, int maxEntries = PostfixMaps.MaxEntries)
{
    /// <summary>Entries of all tables and lists together.</summary>
    public const int MaxEntries = 500_000;

    private const int MaxDepth = 5;
    private int _taken;

    /// <summary>The entries of the tables a parameter names, in the order they are asked; of two with one key the first counts.</summary>
    public Dictionary<string, PostfixEntry> Tables(MainCf from, string parameter)
    {
        var entries = new Dictionary<string, PostfixEntry>(StringComparer.Ordinal);
        foreach (var word in PostfixLines.Words(from.Value(parameter)))
        {
            foreach (var entry in Table(word, from.File, from.LineOf(parameter), parameter, from.Value("default_database_type")))
            {
                entries.TryAdd(entry.Key, entry);
            }
        }

        return entries;
    }

    /// <summary>The names of a list of domains: names, files of names, and the keys of tables.</summary>
    public Dictionary<string, PostfixEntry> Domains(MainCf from, string parameter)
    {
        var names = new Dictionary<string, PostfixEntry>(StringComparer.Ordinal);
        AddDomains(names, from.Value(parameter), from.File, from.LineOf(parameter), parameter, 0);
        return names;
    }

    /// <summary>The lines of a table's text: a key (a part with blanks in quotes, which belong to it), white space, a value.</summary>
    internal static IEnumerable<PostfixEntry> Parse(string file, string text, ImportProblems problems)
    {
        foreach (var (line, logical) in PostfixLines.Of(text))
        {
            var end = EndOfKey(logical);
            if (logical[end..].Trim() is not { Length: > 0 } value)
            {
                problems.Error(file, line, "this entry has no value");
                continue;
            }

            yield return new PostfixEntry(file, line, logical[..end].ToLowerInvariant(), value);
        }
    }

    private static int EndOfKey(string logical)
    {
        var quoted = false;
        for (var i = 0; i < logical.Length; i++)
        {
            quoted ^= logical[i] == '"';
            if (!quoted && char.IsWhiteSpace(logical[i]))
            {
                return i;
            }

            i += quoted && logical[i] == '\\' ? 1 : 0;
        }

        return logical.Length;
    }

    private void AddDomains(Dictionary<string, PostfixEntry> into, string text, string file, int line, string parameter, int depth)
    {
        foreach (var word in PostfixLines.Words(text))
        {
            if (word.StartsWith('/'))
            {
                if (depth >= MaxDepth)
                {
                    problems.Error(file, line, $"{parameter}: {word} is a file in a file, too deep");
                }
                else if (Text(word, file, line, parameter) is { } inside)
                {
                    foreach (var (at, logical) in PostfixLines.Of(inside))
                    {
                        AddDomains(into, logical, word, at, parameter, depth + 1);
                    }
                }
            }
            else if (word.Contains(':', StringComparison.Ordinal))
            {
                foreach (var entry in Table(word, file, line, parameter, "hash"))
                {
                    into.TryAdd(entry.Key, entry);
                }
            }
            else if (word[0] is '!' or '.' or '[')
            {
                problems.Error(file, line, $"{parameter}: '{word}' is no name of a domain but a pattern; name the domains it means");
            }
            else if (Take(file, line))
            {
                into.TryAdd(word.ToLowerInvariant(), new PostfixEntry(file, line, word.ToLowerInvariant(), ""));
            }
        }
    }

    private IEnumerable<PostfixEntry> Table(string word, string file, int line, string parameter, string defaultKind)
    {
        var name = word.StartsWith("proxy:", StringComparison.Ordinal) ? word["proxy:".Length..] : word;
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var (kind, rest) = colon < 0 ? (defaultKind, name) : (name[..colon], name[(colon + 1)..]);
        switch (kind)
        {
            case "hash" or "btree" or "lmdb" or "dbm" or "cdb" or "sdbm" or "texthash":
                return Text(rest, file, line, parameter) is { } text ? Limited(Parse(rest, text, problems)) : [];
            case "inline":
                return Limited(Inline(rest, file, line, parameter));
            default:
                problems.Error(file, line, $"{parameter}: {kind}: tables are not imported; {Instead(kind)}");
                return [];
        }
    }

    // DATABASE_README: inline:{ key=value, {key = text with blanks} }
    private IEnumerable<PostfixEntry> Inline(string text, string file, int line, string parameter)
    {
        if (text is not ['{', .. var inside, '}'])
        {
            problems.Error(file, line, $"{parameter}: inline: wants {{key=value, …}}");
            yield break;
        }

        foreach (var word in PostfixLines.Words(inside))
        {
            var pair = word is ['{', .. var within, '}'] ? within : word;
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problems.Error(file, line, $"{parameter}: '{word}' is no key=value");
                continue;
            }

            yield return new PostfixEntry(file, line, pair[..equals].Trim().ToLowerInvariant(), pair[(equals + 1)..].Trim());
        }
    }

    private IEnumerable<PostfixEntry> Limited(IEnumerable<PostfixEntry> entries) => entries.TakeWhile(entry => Take(entry.File, entry.Line));

    private bool Take(string file, int line)
    {
        if (_taken < maxEntries)
        {
            _taken++;
            return true;
        }

        problems.Error(file, line, $"there are more than {maxEntries} entries; what follows is not read");
        return false;
    }

    private string? Text(string path, string file, int line, string parameter)
    {
        var text = read(path);
        if (text is null)
        {
            problems.Error(file, line, $"{parameter}: the file {path} is not there");
        }

        return text;
    }

    private static string Instead(string kind) => kind switch
    {
        "regexp" or "pcre" or "cidr" => "write what it matches into a texthash: table, or leave recipients to the question to the next hop",
        "ldap" or "mysql" or "pgsql" or "sqlite" or "memcache" or "nis" or "nisplus" or "mongodb" => "write what it answers into a file (its own query, or postmap -s where the kind can list) and name that as texthash:",
        _ => "write its entries into a texthash: table",
    };
}
