using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dmarc;

/// <summary>
/// The list of publicsuffix.org, by which RFC 7489 told organizations apart before RFC 9989 asked the DNS. The caller brings the file.
/// </summary>
public sealed class PublicSuffixList
{
    private readonly HashSet<string> _rules = new(StringComparer.Ordinal);
    private readonly HashSet<string> _wildcards = new(StringComparer.Ordinal);
    private readonly HashSet<string> _exceptions = new(StringComparer.Ordinal);

    private PublicSuffixList()
    {
    }

    /// <summary>How many rules there are.</summary>
    public int Count => _rules.Count + _wildcards.Count + _exceptions.Count;

    /// <summary>Reads the file: one rule a line up to the first white space, "//" begins a comment, "*." stands for one label, "!" for an exception.</summary>
    public static PublicSuffixList Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var list = new PublicSuffixList();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> rule = line.TrimStart();
            int end = rule.IndexOfAny(' ', '\t');
            rule = end < 0 ? rule : rule[..end];
            if (rule.IsEmpty || rule.StartsWith("//"))
            {
                continue;
            }

            HashSet<string> kind = rule[0] == '!' ? list._exceptions : rule.StartsWith("*.") ? list._wildcards : list._rules;
            string name = rule[(rule[0] == '!' ? 1 : rule.StartsWith("*.") ? 2 : 0)..].ToString();
            if (MailDomain.TryNormalize(name, out string normal))
            {
                kind.Add(normal);
            }
        }

        return list;
    }

    /// <summary>One label more than the public suffix; null for a public suffix itself and for what is no name.</summary>
    public string? OrganizationalDomain(string domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (!MailDomain.TryNormalize(domain, out string name) || !MailDomain.CanBeAsked(name))
        {
            return null;
        }

        // From the longest name on, so that the first rule met is the one with the most labels.
        string? below = null;
        for (string at = name; at.Length > 0; below = at, at = MailDomain.Parent(at))
        {
            if (_exceptions.Contains(at))
            {
                return at;
            }

            string parent = MailDomain.Parent(at);
            if (_rules.Contains(at) || (parent.Length > 0 && _wildcards.Contains(parent)))
            {
                return below;
            }

            if (parent.Length == 0)
            {
                return below; // the rule that always holds: "*"
            }
        }

        return null;
    }
}
