using System.Collections.Frozen;
using Tsunagi.Protocols.Mail.Links;

namespace Tsunagi.Mail.Pending;

/// <summary>
/// Domains by what they may be taken for: a name is looked up by its shape, by the hashes of itself with each one letter left out (names one letter apart, or with two neighbours changed, share one), and by the domains that stand whole
/// within it ("own.example" in "own.example.evil.test"). No scan: the work for a name does not grow with the domains. Immutable; about 12 octets for each letter of each domain.
/// </summary>
internal sealed class LookAlikes
{
    /// <summary>Nobody's.</summary>
    public static readonly LookAlikes None = new([]);

    // Labels of a longer name that are looked at for a whole domain within it: so many first ones, which people read, and last ones.
    private const int MaxLabels = 12;

    // The registered part and three labels before it: longer ones are held beside nobody's.
    private const int MostLabelsBefore = 3;
    private const int LeastLabel = 6;
    private const int Longest = 253;
    private const ulong Base = 0x9E3779B97F4A7C15;

    private readonly string[] _domains;
    private readonly FrozenSet<string> _names;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly FrozenDictionary<string, string> _byShape;
    private readonly ulong[] _hashes;
    private readonly int[] _of;

    private readonly bool _byLabel;

    /// <param name="domains">Lower case, A-labels.</param>
    /// <param name="byLabel">True: only names under the same suffix are alike, and a letter counts only in a registered label of six letters or more. For domains of others, which are many: "jal.co.jp" and "jac.co.jp" are two companies.</param>
    public LookAlikes(IReadOnlyCollection<string> domains, bool byLabel = false)
    {
        _byLabel = byLabel;
        _domains = [.. domains.Distinct(StringComparer.Ordinal)];
        _names = _domains.ToFrozenSet(StringComparer.Ordinal);
        _bySpan = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        _byShape = _domains.Select(static domain => (Shape: NameLikeness.Shape(domain), Domain: domain)).DistinctBy(static pair => pair.Shape).ToFrozenDictionary(static pair => pair.Shape, static pair => pair.Domain, StringComparer.Ordinal);
        var (hashes, of) = (new List<ulong>(_domains.Length * 20), new List<int>(_domains.Length * 20));
        Span<ulong> one = stackalloc ulong[Longest + 1];
        for (var i = 0; i < _domains.Length; i++)
        {
            foreach (var hash in one[..Hash(_domains[i], one)])
            {
                hashes.Add(hash);
                of.Add(i);
            }
        }

        (_hashes, _of) = ([.. hashes], [.. of]);
        Array.Sort(_hashes, _of);
    }

    public int Count => _domains.Length;

    /// <summary>The domain that a name, one above it, or a part of it may be taken for; empty where there is none, or the name is one of the domains or lies below one.</summary>
    /// <param name="name">Lower case, A-labels.</param>
    public string Find(string name)
    {
        if (_domains.Length == 0 || name.Length > Longest)
        {
            return "";
        }

        for (var at = 0; at >= 0; at = Next(name, at))
        {
            if (_bySpan.Contains(name.AsSpan(at)))
            {
                return "";
            }
        }

        if (Within(name) is { Length: > 0 } whole)
        {
            return whole;
        }

        // The name itself, and those above it that somebody registered.
        var registered = name.Length - OrganizationName.Of(name).Length;
        for (var at = StartOfLast(name.AsSpan(0, registered), MostLabelsBefore); at >= 0 && at <= registered; at = Next(name, at))
        {
            if (FindExactly(at == 0 ? name : name[at..]) is { Length: > 0 } like && !OrganizationName.IsOfOne(name, like))
            {
                return like;
            }
        }

        return "";
    }

    private string FindExactly(string name)
    {
        if (_byShape.TryGetValue(NameLikeness.Shape(name), out var same) && same != name && (!_byLabel || SuffixOf(name).SequenceEqual(SuffixOf(same))))
        {
            return same;
        }

        if (name.Length < NameLikeness.LeastLength)
        {
            return "";
        }

        Span<ulong> hashes = stackalloc ulong[Longest + 1];
        foreach (var hash in hashes[..Hash(name, hashes)])
        {
            for (var i = FirstOf(hash); i < _hashes.Length && _hashes[i] == hash; i++)
            {
                var domain = _domains[_of[i]];
                if (domain.Length >= NameLikeness.LeastLength && domain != name && NameLikeness.IsOneEdit(name, domain) && (!_byLabel || IsInLabel(name, domain)))
                {
                    return domain;
                }
            }
        }

        return "";
    }

    // A domain that stands whole before the part that somebody registered: people read a name from its beginning.
    private string Within(string name)
    {
        var end = name.Length - OrganizationName.Of(name).Length - 1;
        if (end <= 0)
        {
            return "";
        }

        var head = name.AsSpan(0, end);
        if (head.Count('.') < MaxLabels)
        {
            return Whole(head);
        }

        var first = head;
        while (first.Count('.') >= MaxLabels)
        {
            first = first[..first.LastIndexOf('.')];
        }

        return Whole(first) is { Length: > 0 } found ? found : Whole(head[StartOfLast(head, MaxLabels)..]);
    }

    private string Whole(ReadOnlySpan<char> head)
    {
        for (var from = 0; from >= 0; from = Next(head, from))
        {
            for (var to = head.Length; to > from; to = Math.Max(0, head[..to].LastIndexOf('.')))
            {
                if (_bySpan.TryGetValue(head[from..to], out var domain) && domain.Contains('.', StringComparison.Ordinal))
                {
                    return domain;
                }
            }
        }

        return "";
    }

    // Of the label that somebody registered, long enough, and nothing else.
    private static bool IsInLabel(string name, string domain)
    {
        var shorter = Math.Min(OrganizationName.Of(name).Length, OrganizationName.Of(domain).Length);
        return SuffixOf(name).SequenceEqual(SuffixOf(domain)) && shorter - SuffixOf(name).Length > LeastLabel;
    }

    // What stands behind the label that somebody registered: "co.jp".
    private static ReadOnlySpan<char> SuffixOf(string name)
    {
        var registered = OrganizationName.Of(name);
        return registered[(registered.IndexOf('.') + 1)..];
    }

    // Where the last labels begin.
    private static int StartOfLast(ReadOnlySpan<char> name, int labels)
    {
        var at = name.EndsWith(".") ? name.Length - 1 : name.Length;
        for (var i = 0; i < labels && at > 0; i++)
        {
            at = name[..at].LastIndexOf('.') is >= 0 and var dot ? dot : -1;
        }

        return at >= 0 ? Math.Min(at + 1, name.Length) : 0;
    }

    private static int Next(ReadOnlySpan<char> name, int at) => name[at..].IndexOf('.') is >= 0 and var dot && at + dot + 1 < name.Length ? at + dot + 1 : -1;

    private int FirstOf(ulong hash)
    {
        var (low, high) = (0, _hashes.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = _hashes[middle] < hash ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    // That of the whole, and of the whole without each of its letters: a polynomial, so that leaving one out costs a step.
    private static int Hash(string name, Span<ulong> hashes)
    {
        Span<ulong> before = stackalloc ulong[Longest + 1];
        before[0] = 0;
        var length = Math.Min(name.Length, Longest);
        for (var i = 0; i < length; i++)
        {
            before[i + 1] = (before[i] * Base) + name[i] + 1;
        }

        hashes[0] = before[length];
        var power = 1UL;
        for (var i = length - 1; i >= 0; i--)
        {
            hashes[length - i] = (before[i] * power) + before[length] - (before[i + 1] * power);
            power *= Base;
        }

        return length + 1;
    }
}
