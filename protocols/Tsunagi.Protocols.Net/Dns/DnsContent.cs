using System.Collections.Immutable;
using System.Net;
using System.Text;

namespace Tsunagi.Protocols.Net.Dns;

/// <summary>RDATA, understood.</summary>
public abstract record DnsContent
{
    private protected DnsContent() { }

    /// <summary>The type of the record.</summary>
    public abstract DnsType Type { get; }
}

/// <summary>A and AAAA.</summary>
public sealed record DnsAddressContent(IPAddress Address) : DnsContent
{
    /// <inheritdoc/>
    public override DnsType Type => Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? DnsType.Aaaa : DnsType.A;
}

/// <summary>NS, CNAME and PTR: one name.</summary>
public sealed record DnsNameContent : DnsContent
{
    /// <summary>Content of one of the three types.</summary>
    public DnsNameContent(DnsType type, DnsName target)
    {
        if (type is not (DnsType.Ns or DnsType.Cname or DnsType.Ptr))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "not a type of one name");
        }

        Type = type;
        Target = target;
    }

    /// <inheritdoc/>
    public override DnsType Type { get; }

    /// <summary>The name pointed to.</summary>
    public DnsName Target { get; }
}

/// <summary>MX. The exchange "." with preference 0 says that the domain takes no mail (RFC 7505).</summary>
public sealed record DnsMxContent(ushort Preference, DnsName Exchange) : DnsContent
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.Mx;

    /// <summary>The domain takes no mail.</summary>
    public bool IsNull => Exchange.IsRoot;
}

/// <summary>TXT: one or more strings of at most 255 octets.</summary>
public sealed record DnsTxtContent(ImmutableArray<ReadOnlyMemory<byte>> Strings) : DnsContent
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.Txt;

    /// <summary>The strings joined without anything between them, as SPF and DKIM want (RFC 7208 section 3.3).</summary>
    public string Text => Encoding.UTF8.GetString([.. Strings.SelectMany(text => text.ToArray())]);

    /// <summary>Content that holds <paramref name="text"/>, cut into strings.</summary>
    public static DnsTxtContent Of(string text)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        return new DnsTxtContent(octets.Length == 0 ? [default] : [.. octets.Chunk(255).Select(chunk => new ReadOnlyMemory<byte>(chunk))]);
    }

    /// <inheritdoc/>
    public bool Equals(DnsTxtContent? other)
    {
        if (other is null || other.Strings.Length != Strings.Length)
        {
            return false;
        }

        for (int i = 0; i < Strings.Length; i++)
        {
            if (!Strings[i].Span.SequenceEqual(other.Strings[i].Span))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Strings.Length, Text);
}

/// <summary>SOA.</summary>
public sealed record DnsSoaContent(DnsName PrimaryServer, DnsName Responsible, uint Serial, uint RefreshSeconds, uint RetrySeconds, uint ExpireSeconds,
    uint MinimumSeconds) : DnsContent
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.Soa;
}

/// <summary>TLSA.</summary>
public sealed record DnsTlsaContent(byte Usage, byte Selector, byte MatchingType, ReadOnlyMemory<byte> Association) : DnsContent
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.Tlsa;

    /// <inheritdoc/>
    public bool Equals(DnsTlsaContent? other) =>
        other is not null && (Usage, Selector, MatchingType) == (other.Usage, other.Selector, other.MatchingType)
            && Association.Span.SequenceEqual(other.Association.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Usage, Selector, MatchingType, Association.Length);
}

/// <summary>Every other type, as octets (RFC 3597): SVCB, HTTPS, and types this library does not know.</summary>
public sealed record DnsOtherContent : DnsContent
{
    /// <summary>Octets of a type that has no record of its own here.</summary>
    public DnsOtherContent(DnsType type, ReadOnlyMemory<byte> octets)
    {
        Type = type;
        Octets = octets;
    }

    /// <inheritdoc/>
    public override DnsType Type { get; }

    /// <summary>RDATA.</summary>
    public ReadOnlyMemory<byte> Octets { get; }

    /// <inheritdoc/>
    public bool Equals(DnsOtherContent? other) => other is not null && Type == other.Type && Octets.Span.SequenceEqual(other.Octets.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Octets.Length);
}
