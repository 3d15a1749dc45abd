using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Tsunagi.Protocols.Net.Dns;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>What octets mean. <see cref="object.ToString"/> is for people; machines look at the kind.</summary>
public abstract class DhcpValue
{
    private protected DhcpValue()
    {
    }
}

/// <summary>An unsigned number of up to 64 bits.</summary>
/// <param name="value">The number.</param>
/// <param name="name">What a registry calls it, or what it says as a time; null where neither holds.</param>
public sealed class DhcpNumber(ulong value, string? name = null) : DhcpValue
{
    /// <summary>The number.</summary>
    public ulong Value { get; } = value;

    /// <summary>What a registry calls it, or what it says as a time; null where neither holds.</summary>
    public string? Name { get; } = name;

    /// <inheritdoc/>
    public override string ToString() => Name is null ? Value.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Name} ({Value})");
}

/// <summary>A signed number of 32 bits.</summary>
/// <param name="value">The number.</param>
public sealed class DhcpSigned(int value) : DhcpValue
{
    /// <summary>The number.</summary>
    public int Value { get; } = value;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Yes or no: a bit, an octet of 0 or 1, or an option that says yes by being there.</summary>
/// <param name="value">Yes.</param>
public sealed class DhcpFlag(bool value) : DhcpValue
{
    /// <summary>Yes.</summary>
    public bool Value { get; } = value;

    /// <inheritdoc/>
    public override string ToString() => Value ? "yes" : "no";
}

/// <summary>Text in UTF-8.</summary>
/// <param name="value">The text, without what follows it.</param>
/// <param name="nuls">Zero octets behind it, which some senders add (RFC 2132 section 2).</param>
public sealed class DhcpString(string value, int nuls = 0) : DhcpValue
{
    /// <summary>The text, without what follows it.</summary>
    public string Value { get; } = value;

    /// <summary>Zero octets behind it.</summary>
    public int Nuls { get; } = nuls;

    /// <summary>In quotation marks, control characters as <c>\u001b</c>: what a peer sends must not steer a terminal.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Value.Length + 2).Append('"');
        foreach (char letter in Value)
        {
            if (char.IsControl(letter))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            }
            else
            {
                text.Append(letter is '"' or '\\' ? "\\" : "").Append(letter);
            }
        }

        return text.Append('"').ToString();
    }
}

/// <summary>An address, or its first octets where a format leaves out those that are zero.</summary>
/// <param name="address">The address.</param>
/// <param name="octets">How many octets of it are written.</param>
public sealed class DhcpAddress(IPAddress address, int octets) : DhcpValue
{
    /// <summary>The address.</summary>
    public IPAddress Address { get; } = address;

    /// <summary>How many octets of it are written.</summary>
    public int Octets { get; } = octets;

    /// <inheritdoc/>
    public override string ToString() => Address.ToString();
}

/// <summary>A prefix. Bits behind its length are kept.</summary>
/// <param name="address">The address that it begins with.</param>
/// <param name="length">Its length in bits.</param>
public sealed class DhcpPrefix(IPAddress address, int length) : DhcpValue
{
    /// <summary>The address that it begins with.</summary>
    public IPAddress Address { get; } = address;

    /// <summary>Its length in bits.</summary>
    public int Length { get; } = length;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");
}

/// <summary>A domain name.</summary>
/// <param name="name">The name.</param>
/// <param name="isPartial">It stands without its root, as a host's name may (RFC 4704 section 4.2).</param>
public sealed class DhcpDomain(DnsName name, bool isPartial = false) : DhcpValue
{
    /// <summary>The name.</summary>
    public DnsName Name { get; } = name;

    /// <summary>It stands without its root.</summary>
    public bool IsPartial { get; } = isPartial;

    /// <summary>With a final dot unless it is partial.</summary>
    public override string ToString() => IsPartial ? Name.IsRoot ? "" : Name.ToString()[..^1] : Name.ToString();
}

/// <summary>How octets are shown.</summary>
public enum DhcpOctetsForm
{
    /// <summary>Hexadecimal behind <c>0x</c>.</summary>
    Hexadecimal,

    /// <summary>As text where all of them can be printed.</summary>
    Opaque,

    /// <summary>Pairs of digits between colons.</summary>
    LinkLayer,

    /// <summary>A UUID (RFC 9562 section 4).</summary>
    Uuid,
}

/// <summary>Octets that mean themselves.</summary>
public sealed class DhcpOctets : DhcpValue
{
    private readonly int _shown;

    /// <summary>Octets, of which only the first <paramref name="shown"/> are told.</summary>
    public DhcpOctets(ReadOnlyMemory<byte> value, DhcpOctetsForm form = DhcpOctetsForm.Hexadecimal, int shown = int.MaxValue)
    {
        Value = value;
        Form = form;
        _shown = Math.Min(shown, value.Length);
    }

    /// <summary>The octets.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>How they are shown.</summary>
    public DhcpOctetsForm Form { get; }

    /// <inheritdoc/>
    public override string ToString()
    {
        ReadOnlySpan<byte> shown = Value.Span[.._shown];
        switch (Form)
        {
            case DhcpOctetsForm.Opaque when shown.Length > 0 && !shown.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !shown.StartsWith("0x"u8):
                return Encoding.ASCII.GetString(shown);
            case DhcpOctetsForm.LinkLayer:
                return string.Join(':', shown.ToArray().Select(static octet => octet.ToString("x2", CultureInfo.InvariantCulture)));
            case DhcpOctetsForm.Uuid when shown.Length == 16:
                return new Guid(shown, bigEndian: true).ToString();
            default:
                return "0x" + Convert.ToHexStringLower(shown);
        }
    }
}

/// <summary>Values of one kind.</summary>
/// <param name="values">The values in their order.</param>
public sealed class DhcpList(ImmutableArray<DhcpValue> values) : DhcpValue
{
    /// <summary>The values in their order.</summary>
    public ImmutableArray<DhcpValue> Values { get; } = values;

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Values);
}

/// <summary>One named part of a value.</summary>
/// <param name="Name">Its name, words between hyphens.</param>
/// <param name="Value">What it says.</param>
public readonly record struct DhcpField(string Name, DhcpValue Value);

/// <summary>Named parts in their order.</summary>
/// <param name="fields">The parts.</param>
public sealed class DhcpFields(ImmutableArray<DhcpField> fields) : DhcpValue
{
    /// <summary>The parts.</summary>
    public ImmutableArray<DhcpField> Fields { get; } = fields;

    /// <summary>The part of a name; null when it is not there.</summary>
    public DhcpValue? this[string name]
    {
        get
        {
            foreach (DhcpField field in Fields)
            {
                if (field.Name == name)
                {
                    return field.Value;
                }
            }

            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Fields.Where(static field => !IsSilent(field)).Select(static field => field.Name + "=" + field.Value));

    /// <summary>Reserved bits that are zero, and zeros that fill up: kept, and not worth a word.</summary>
    public static bool IsSilent(DhcpField field) => field.Value switch
    {
        DhcpNumber number => number.Value == 0 && field.Name.StartsWith("reserved", StringComparison.Ordinal),
        DhcpFlag flag => !flag.Value && field.Name.StartsWith("reserved", StringComparison.Ordinal),
        DhcpOctets octets => field.Name.StartsWith("reserved", StringComparison.Ordinal) && !octets.Value.Span.ContainsAnyExcept((byte)0),
        _ => false,
    };
}

/// <summary>Options in their order.</summary>
/// <param name="options">The options.</param>
public sealed class DhcpOptionList(ImmutableArray<DhcpOption> options) : DhcpValue
{
    /// <summary>The options.</summary>
    public ImmutableArray<DhcpOption> Options { get; } = options;

    /// <inheritdoc/>
    public override string ToString() => "{ " + string.Join(", ", Options.Where(static option => !option.IsFill)) + " }";
}
