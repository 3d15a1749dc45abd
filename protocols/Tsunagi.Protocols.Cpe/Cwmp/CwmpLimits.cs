namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>How much of a message is read. One more of anything ends the reading with a sentence that names the limit.</summary>
public sealed record CwmpLimits
{
    /// <summary>The defaults.</summary>
    public static CwmpLimits Default { get; } = new();

    /// <summary>Octets of a message. Devices answer a question for all names with some hundred thousand.</summary>
    public int MessageOctets { get; init; } = 8 * 1024 * 1024;

    /// <summary>Elements within elements.</summary>
    public int Depth { get; init; } = 16;

    /// <summary>Attributes of one element.</summary>
    public int Attributes { get; init; } = 32;

    /// <summary>Octets of one tag.</summary>
    public int TagOctets { get; init; } = 8 * 1024;

    /// <summary>Octets of one value, comment or instruction.</summary>
    public int TextOctets { get; init; } = 1024 * 1024;

    /// <summary>Elements of a message.</summary>
    public int Elements { get; init; } = 500_000;
}
