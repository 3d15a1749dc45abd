using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>An identifier of STIX 2.1 section 2.9: the type of the object, two hyphens, a UUID in lower case.</summary>
public readonly record struct StixId
{
    private const int LongestType = 250;
    private readonly string? _type;

    private StixId(string type, Guid uuid)
    {
        _type = type;
        Uuid = uuid;
    }

    /// <summary>The namespace of section 2.9 for the identifiers of cyber-observable objects. No other object's may be made in it.</summary>
    public static Guid ObservableNamespace { get; } = new("00abedb4-aa42-466c-9c01-fed23315a9b7");

    /// <summary>The namespace of RFC 4122 appendix C for names that are URLs.</summary>
    public static Guid UrlNamespace { get; } = new("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

    /// <summary>"indicator"; empty for the default value.</summary>
    public string Type => _type ?? "";

    /// <summary>What tells it from others of its type.</summary>
    public Guid Uuid { get; }

    /// <summary>The same type and name in the same namespace always give the same identifier (UUID version 5, RFC 4122 section 4.3).</summary>
    /// <exception cref="ArgumentException"><paramref name="type"/> is no name of a type.</exception>
    public static StixId Of(string type, Guid space, string name)
    {
        if (!IsType(type))
        {
            throw new ArgumentException($"'{type}' is no name of a STIX type", nameof(type));
        }

        var named = new byte[16 + Encoding.UTF8.GetByteCount(name)];
        space.TryWriteBytes(named, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, named.AsSpan(16));
#pragma warning disable CA5350 // RFC 4122 section 4.3 says SHA-1; nothing is kept secret by it
        var hash = SHA1.HashData(named).AsSpan(0, 16);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new StixId(type, new Guid(hash, bigEndian: true));
    }

    /// <summary>Reads <c>type--uuid</c>; a UUID in upper case is taken and written in lower case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out StixId id)
    {
        id = default;
        var at = text is null ? -1 : text.IndexOf("--", StringComparison.Ordinal);
        if (at < 0 || !IsType(text.AsSpan(0, at)) || !Guid.TryParseExact(text.AsSpan(at + 2), "D", out var uuid))
        {
            return false;
        }

        id = new StixId(text![..at], uuid);
        return true;
    }

    /// <summary>As it is written.</summary>
    public override string ToString() => $"{Type}--{Uuid:D}";

    // Section 11.2: lower-case letters, digits and single hyphens, 3 to 250 characters.
    private static bool IsType(ReadOnlySpan<char> type)
    {
        if (type.Length is < 3 or > LongestType || !char.IsAsciiLetterLower(type[0]) || type[^1] == '-')
        {
            return false;
        }

        foreach (var c in type)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }
}
