namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>The three families of messages that are read here.</summary>
public enum DhcpProtocol
{
    /// <summary>DHCPv4 and BOOTP: the payload of UDP at ports 67 and 68.</summary>
    Dhcp4,

    /// <summary>DHCPv6: the payload of UDP at ports 546 and 547.</summary>
    Dhcp6,

    /// <summary>Neighbor discovery: the payload of IPv6 with next header 58, types 133 to 137, 141 and 142.</summary>
    Neighbor,
}

/// <summary>A message taken apart: everything in it has a name and a meaning, or is kept as octets. <see cref="DhcpEncoder"/> gives the same octets again.</summary>
public sealed class DhcpMessage
{
    /// <summary>A message of fields, as <see cref="DhcpDecoder"/> gives them.</summary>
    public DhcpMessage(DhcpProtocol protocol, DhcpFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        Protocol = protocol;
        Fields = fields;
    }

    /// <summary>The family it belongs to.</summary>
    public DhcpProtocol Protocol { get; }

    /// <summary>The fields of its header, and its options as the last.</summary>
    public DhcpFields Fields { get; }

    /// <summary>Its options in their order; those that DHCPv4 keeps in <c>file</c> and <c>sname</c> behind the others.</summary>
    public IEnumerable<DhcpOption> Options => (Protocol == DhcpProtocol.Dhcp4 ? [Fields["options"], Fields["file"], Fields["sname"]] : (DhcpValue?[])[Fields["options"]])
        .OfType<DhcpOptionList>().SelectMany(static list => list.Options);

    /// <summary>The number of its type: of option 53 in DHCPv4, of the operation where that is missing (BOOTP).</summary>
    public int Type => (int)TypeNumber.Value;

    /// <summary>What IANA calls its type.</summary>
    public string TypeName => TypeNumber.Name ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Message-{Type}");

    /// <summary>Options anywhere in it that do not follow their format, are cut off or lie too deep.</summary>
    public IEnumerable<DhcpOption> Problems => Faults(Fields);

    private DhcpNumber TypeNumber => Protocol switch
    {
        DhcpProtocol.Dhcp4 => Options.FirstOrDefault(static option => option is { Code: 53, Form: DhcpForm.Typed })?.Value as DhcpNumber ?? (DhcpNumber)Fields["op"]!,
        DhcpProtocol.Dhcp6 => (DhcpNumber)Fields["message-type"]!,
        _ => (DhcpNumber)Fields["type"]!,
    };

    private static IEnumerable<DhcpOption> Faults(DhcpValue value) => value switch
    {
        DhcpFields fields => fields.Fields.SelectMany(static field => Faults(field.Value)),
        DhcpList list => list.Values.SelectMany(Faults),
        DhcpOptionList list => list.Options.SelectMany(static option => option.Form is DhcpForm.Malformed or DhcpForm.CutOff or DhcpForm.TooDeep ? [option] : Faults(option.Value)),
        _ => [],
    };
}
