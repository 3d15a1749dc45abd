using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>The options of one registry: their names, as IANA has them, and how their values lie in octets.</summary>
public sealed class DhcpRegistry
{
    private readonly FrozenDictionary<int, (string Name, DhcpFormat Format)> _options;

    private readonly DhcpOctetsForm _unnamed;

    // A line is number|name|format. What vendors put into their options is text more often than not.
    private DhcpRegistry(string table, DhcpOctetsForm unnamed = DhcpOctetsForm.Hexadecimal)
    {
        _unnamed = unnamed;
        var options = new Dictionary<int, (string, DhcpFormat)>();
        foreach (string line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] cells = line.Split('|', 3);
            options.Add(int.Parse(cells[0], CultureInfo.InvariantCulture), (cells[1], DhcpFormatText.Read(cells[2])));
        }

        _options = options.ToFrozenDictionary();
    }

    /// <summary>DHCPv6 options.</summary>
    public static DhcpRegistry Dhcp6 { get; } = new(Dhcp6Table.Text);

    /// <summary>DHCPv4 options and BOOTP vendor extensions.</summary>
    public static DhcpRegistry Dhcp4 { get; } = new(Dhcp4Table.Text);

    /// <summary>Options of neighbor discovery.</summary>
    public static DhcpRegistry Neighbor { get; } = new(NeighborTable.Text);

    /// <summary>Sub-options of the relay agent's information, option 82 of DHCPv4.</summary>
    public static DhcpRegistry RelayAgent { get; } = new(Dhcp4Table.RelayAgent);

    /// <summary>Attributes of RADIUS that relays pass on (RFC 4014, RFC 7037), by their standard names.</summary>
    internal static DhcpRegistry Radius { get; } = new(string.Join('\n', RadiusDictionary.Standard.Attributes.Where(static attribute => byte.TryParse(attribute.Oid, CultureInfo.InvariantCulture, out _)).Select(RadiusLine)), DhcpOctetsForm.Opaque);

    /// <summary>Registries that belong to one option each.</summary>
    internal static FrozenDictionary<string, DhcpRegistry> Small { get; } =
        DhcpNames.Registries.ToFrozenDictionary(static table => table.Key, static table => new DhcpRegistry(table.Value, DhcpOctetsForm.Opaque), StringComparer.Ordinal);

    /// <summary>The numbers that have a name.</summary>
    public IEnumerable<int> Codes => _options.Keys;

    /// <summary>What the registry calls an option; null when it has no name.</summary>
    public string? Name(int code) => _options.TryGetValue(code, out (string Name, DhcpFormat Format) option) ? option.Name : null;

    /// <summary>An option to be written.</summary>
    /// <returns>False when the value is not of the option's kind, or does not fit.</returns>
    public bool TryMake(int code, DhcpValue value, out DhcpOption? option)
    {
        ArgumentNullException.ThrowIfNull(value);
        bool isKnown = _options.TryGetValue(code, out (string Name, DhcpFormat Format) known);
        option = isKnown && known.Format.TryWrite(value, new ArrayBufferWriter<byte>()) ? new DhcpOption(code, known.Name, DhcpForm.Typed, value, kept: null)
            : !isKnown && value is DhcpOctets octets ? new DhcpOption(code, Unnamed(code), DhcpForm.Unknown, value, octets.Value)
            : null;
        return option is not null;
    }

    /// <summary>What an option is called here, with or without a name of its own.</summary>
    internal string NameOf(int code) => Name(code) ?? Unnamed(code);

    internal DhcpFormat? Format(int code) => _options.TryGetValue(code, out (string Name, DhcpFormat Format) option) ? option.Format : null;

    internal DhcpOption Read(int code, ReadOnlySpan<byte> octets, DhcpReading reading, int firstOctets = -1)
    {
        if (++reading.Options > reading.Limits.Options)
        {
            reading.IsTooMany = true;
        }

        byte[] kept = octets.ToArray();
        if (!_options.TryGetValue(code, out (string Name, DhcpFormat Format) known))
        {
            return new DhcpOption(code, Unnamed(code), DhcpForm.Unknown, new DhcpOctets(kept, _unnamed), kept, firstOctets);
        }

        reading.IsTooDeep = false;
        if (reading.IsTooMany || !known.Format.TryReadWhole(octets, reading, out DhcpValue value))
        {
            DhcpForm form = reading.IsTooDeep ? DhcpForm.TooDeep : DhcpForm.Malformed;
            reading.IsTooDeep = false;
            return new DhcpOption(code, known.Name, form, new DhcpOctets(kept), kept, firstOctets);
        }

        // What we would write otherwise is kept as it came: compressed names, bits that mean nothing.
        var written = new ArrayBufferWriter<byte>(kept.Length + 1);
        bool isOurs = known.Format.TryWrite(value, written) && written.WrittenSpan.SequenceEqual(kept);
        return new DhcpOption(code, known.Name, DhcpForm.Typed, value, isOurs ? (ReadOnlyMemory<byte>?)null : kept, firstOctets);
    }

    internal bool TryWrite(DhcpOption option, ArrayBufferWriter<byte> output)
    {
        if (option.Kept is { } kept)
        {
            output.Write(kept.Span);
            return true;
        }

        return Format(option.Code) is { } format && format.TryWrite(option.Value, output);
    }

    internal static DhcpOption CutOff(ReadOnlySpan<byte> rest)
    {
        byte[] kept = rest.ToArray();
        return new DhcpOption(-1, "rest", DhcpForm.CutOff, new DhcpOctets(kept), kept);
    }

    /// <summary>A run of Pad, or End with all behind it; null when the next is an option.</summary>
    internal static DhcpOption? TakeFill(ref DhcpInput input)
    {
        ReadOnlySpan<byte> rest = input.Rest;
        if (rest[0] == 255)
        {
            byte[] behind = input.TakeRest()[1..].ToArray();
            return new DhcpOption(255, DhcpOption.End, DhcpForm.Typed, new DhcpOctets(behind), behind);
        }

        int pads = rest.IndexOfAnyExcept((byte)0);
        if (pads == 0 || !input.TryTake(pads < 0 ? rest.Length : pads, out ReadOnlySpan<byte> zeros))
        {
            return null;
        }

        return new DhcpOption(0, DhcpOption.Pad, DhcpForm.Typed, new DhcpOctets(zeros.ToArray()), zeros.ToArray());
    }

    internal static bool TryWriteFill(DhcpOption option, ArrayBufferWriter<byte> output)
    {
        if (option.Code == 255)
        {
            output.Write([(byte)255]);
        }

        output.Write(option.Kept!.Value.Span);
        return true;
    }

    private static string RadiusLine(RadiusAttributeDefinition attribute) => $"{attribute.Oid}|{attribute.Name}|" + attribute.Type switch
    {
        RadiusValueType.Text => "text",
        RadiusValueType.Integer => "u32",
        RadiusValueType.IPv4Address => "ip4",
        RadiusValueType.IPv6Address => "ip6",
        _ => attribute.Oid == "26" ? "enterprise-number:u32 data:octets" : "opaque",
    };

    private static string Unnamed(int code) => string.Create(CultureInfo.InvariantCulture, $"Option-{code}");
}
