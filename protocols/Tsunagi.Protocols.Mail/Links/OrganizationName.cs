using System.Collections.Frozen;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// Which part of a host's name somebody registered, as far as its form tells: without the DNS (RFC 9989's tree walk) and without a list. Two labels; three under those that countries set apart ("co.jp", "com.au").
/// Where that is wrong ("tokyo.jp" of "city.chiyoda.tokyo.jp", "github.io") many organizations look like one, which hides a difference and makes up none.
/// </summary>
public static class OrganizationName
{
    private static readonly FrozenSet<string> SetApart =
        "ac ad co com ed edu firm gen go gob gouv gov gr gv id ind info int k12 lg ltd me mil ne net nic nom or org pe plc re sch web".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> BySpan = SetApart.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The registered part; the whole name where it has no more labels.</summary>
    /// <param name="host">A name in lower case without its last dot.</param>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> host)
    {
        int last = host.LastIndexOf('.');
        int second = last <= 0 ? -1 : host[..last].LastIndexOf('.');
        if (second < 0)
        {
            return host;
        }

        bool isSetApart = host.Length - last == 3 && BySpan.Contains(host[(second + 1)..last]);
        return host[((isSetApart ? host[..second].LastIndexOf('.') : second) + 1)..];
    }

    /// <summary>Two names are of one organization: their registered parts are equal, or one is the other or lies below it.</summary>
    public static bool IsOfOne(string one, string other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return Of(one).SequenceEqual(Of(other)) || MailDomain.IsSameOrBelow(one, other) || MailDomain.IsSameOrBelow(other, one);
    }
}
