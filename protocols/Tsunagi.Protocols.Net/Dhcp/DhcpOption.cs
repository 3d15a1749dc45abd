namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>How far an option was understood.</summary>
public enum DhcpForm
{
    /// <summary>By its format.</summary>
    Typed,

    /// <summary>No registry has it; its octets are kept.</summary>
    Unknown,

    /// <summary>Its octets do not follow its format; they are kept.</summary>
    Malformed,

    /// <summary>It lies deeper than the limit; its octets are kept.</summary>
    TooDeep,

    /// <summary>A further part of an option that began before it (RFC 3396); the first says what all together mean.</summary>
    Continued,

    /// <summary>What is left of options that end in the middle of one.</summary>
    CutOff,
}

/// <summary>An option and what it says.</summary>
public sealed class DhcpOption
{
    internal DhcpOption(int code, string name, DhcpForm form, DhcpValue value, ReadOnlyMemory<byte>? kept, int firstOctets = -1)
    {
        Code = code;
        Name = name;
        Form = form;
        Value = value;
        Kept = kept;
        FirstOctets = firstOctets;
    }

    /// <summary>Its number; -1 for what is cut off.</summary>
    public int Code { get; }

    /// <summary>What the registry of IANA calls it; <c>Option-250</c> where it has no name.</summary>
    public string Name { get; }

    /// <summary>How far it was understood.</summary>
    public DhcpForm Form { get; }

    /// <summary>What it says; octets unless it is typed.</summary>
    public DhcpValue Value { get; }

    /// <summary>Pad and End of DHCPv4 (RFC 2132 section 3.1 and 3.2), and parts of an option that was told with its first.</summary>
    public bool IsFill => Form == DhcpForm.Continued || (Form == DhcpForm.Typed && Kept is not null && Name is Pad or End);

    internal const string Pad = "Pad", End = "End";

    /// <summary>The octets as they came, where the value can not give them: not understood, or written in another way than ours.</summary>
    internal ReadOnlyMemory<byte>? Kept { get; }

    /// <summary>How many octets stand in its first part; -1 when it is in one.</summary>
    internal int FirstOctets { get; }

    /// <inheritdoc/>
    public override string ToString() => Form is DhcpForm.Typed or DhcpForm.Unknown ? $"{Name} = {Value}" : $"{Name} = {Value} ({Form})";
}
