namespace Tsunagi.Mail.Import;

/// <summary>A key that OpenDKIM signs a domain's mail with.</summary>
/// <param name="Pem">The private key; null with a reason in <paramref name="WhyNot"/>.</param>
internal sealed record OpenDkimKey(string Domain, string Selector, string? Pem, string? WhyNot);

/// <summary>
/// An opendkim.conf(5) with what it names: (1) SigningTable says which keys sign for a domain, (2) KeyTable what they are: d=, s= and the key or its file; or, in their place, Domain, Selector and KeyFile. Patterns other than a
/// domain's name, *@domain and * are told.
/// </summary>
internal sealed class OpenDkimSetup
{
    private readonly Dictionary<string, (int Line, string Value)> _settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<PostfixEntry> _signing;
    private readonly Dictionary<string, PostfixEntry> _keys = new(StringComparer.Ordinal);
    private readonly Func<string, string?> _read;
    private readonly ImportProblems _problems;
    private readonly string _file;

    private OpenDkimSetup(string file, string text, Func<string, string?> read, ImportProblems problems)
    {
        (_file, _read, _problems) = (file, read, problems);
        foreach (var (line, logical) in PostfixLines.Of(text))
        {
            var end = logical.AsSpan().IndexOfAny(' ', '\t');
            _settings[end < 0 ? logical : logical[..end]] = (line, end < 0 ? "" : logical[end..].Trim());
        }

        _signing = Table("SigningTable");
        foreach (var entry in Table("KeyTable"))
        {
            _keys.TryAdd(entry.Key, entry);
        }

        foreach (var entry in _signing.Where(static entry => !IsPlain(entry.Key)))
        {
            problems.Error(entry.File, entry.Line, $"SigningTable: '{entry.Key}' is neither a domain nor *@domain; mail of a domain is signed as a whole here");
        }
    }

    /// <summary>Null, and told, when the file is not there.</summary>
    public static OpenDkimSetup? Read(string file, Func<string, string?> read, ImportProblems problems)
    {
        if (read(file) is { } text)
        {
            return new OpenDkimSetup(file, text, read, problems);
        }

        problems.Error(file, 0, "the file is not there");
        return null;
    }

    /// <summary>The keys that sign for a domain: the first that matches, or all with MultipleSignatures.</summary>
    public IReadOnlyList<OpenDkimKey> KeysOf(string domain)
    {
        // (1)
        if (!_settings.ContainsKey("KeyTable"))
        {
            return Value("Domain") is { Length: > 0 } names && PostfixLines.Words(names).Contains(domain, StringComparer.OrdinalIgnoreCase) ? [KeyOf(domain, Value("Selector"), Value("KeyFile"), _file, 0)] : [];
        }

        var entries = _signing.Where(entry => entry.Key == domain || entry.Key == "*@" + domain || entry.Key is "*" or "*@*").ToList();
        var found = new List<OpenDkimKey>();
        foreach (var entry in Value("MultipleSignatures").ToLowerInvariant() is "yes" or "true" or "1" ? entries : entries.Take(1))
        {
            // (2)
            if (!_keys.TryGetValue(entry.Value.ToLowerInvariant(), out var key))
            {
                _problems.Error(entry.File, entry.Line, $"KeyTable has no key '{entry.Value}'");
                continue;
            }

            var parts = key.Value.Split(':', 3, StringSplitOptions.TrimEntries);
            if (parts.Length < 3)
            {
                _problems.Error(key.File, key.Line, $"the key '{entry.Value}' is no domain:selector:key");
                continue;
            }

            found.Add(parts[0] == "%" || parts[0].Equals(domain, StringComparison.OrdinalIgnoreCase)
                ? KeyOf(domain, parts[1], parts[2], key.File, key.Line)
                : new OpenDkimKey(domain, parts[1], null, $"it signs as d={parts[0]}; the gateway signs as the domain itself"));
        }

        return found;
    }

    private OpenDkimKey KeyOf(string domain, string selector, string key, string file, int line)
    {
        if (key is not ['/' or '.', ..])
        {
            // The key itself: PEM, or only its base64.
            return new OpenDkimKey(domain, selector, key.Contains("-----", StringComparison.Ordinal) ? key : $"-----BEGIN RSA PRIVATE KEY-----\n{key}\n-----END RSA PRIVATE KEY-----", null);
        }

        if (_read(key) is { } pem)
        {
            return new OpenDkimKey(domain, selector, pem, null);
        }

        _problems.Error(file, line, $"the key file {key} is not there");
        return new OpenDkimKey(domain, selector, null, $"its file {key} is not there");
    }

    private List<PostfixEntry> Table(string name)
    {
        if (!_settings.TryGetValue(name, out var setting))
        {
            return [];
        }

        var colon = setting.Value.IndexOf(':', StringComparison.Ordinal);
        var (kind, path) = colon < 0 ? ("file", setting.Value) : (setting.Value[..colon], setting.Value[(colon + 1)..]);
        if (kind is not ("file" or "refile") || !path.StartsWith('/'))
        {
            _problems.Error(_file, setting.Line, $"{name}: only file:/path and refile:/path are imported; write its entries into such a file");
            return [];
        }

        if (_read(path) is { } text)
        {
            return [.. PostfixMaps.Parse(path, text, _problems).Take(PostfixMaps.MaxEntries)];
        }

        _problems.Error(_file, setting.Line, $"{name}: the file {path} is not there");
        return [];
    }

    private string Value(string name) => _settings.GetValueOrDefault(name).Value ?? "";

    private static bool IsPlain(string pattern) => pattern is "*" or "*@*" || !(pattern.StartsWith("*@", StringComparison.Ordinal) ? pattern[2..] : pattern).AsSpan().ContainsAny("*@%[]!") && pattern[0] != '.';
}
