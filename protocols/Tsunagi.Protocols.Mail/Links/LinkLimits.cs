namespace Tsunagi.Protocols.Mail.Links;

/// <summary>How much of a message is read for links.</summary>
public sealed record LinkLimits
{
    /// <summary>What holds where nobody says otherwise.</summary>
    public static LinkLimits Default { get; } = new();

    /// <summary>Different links that are kept; the first ones.</summary>
    public int Links { get; init; } = 100;

    /// <summary>Places that are read as a link, the same ones too: beyond them the rest of the message is not looked at.</summary>
    public int Places { get; init; } = 2_000;

    /// <summary>Octets of one text part, before its transfer encoding is taken off.</summary>
    public int PartOctets { get; init; } = 192 * 1024;

    /// <summary>Octets of all text parts together, the same.</summary>
    public int Octets { get; init; } = 512 * 1024;

    /// <summary>Text parts.</summary>
    public int TextParts { get; init; } = 20;

    /// <summary>Characters of one link: its rest is not looked at.</summary>
    public int LinkCharacters { get; init; } = 2_000;
}
