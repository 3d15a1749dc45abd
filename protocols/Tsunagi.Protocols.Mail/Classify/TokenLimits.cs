namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>How much of a message is taken apart. What lies beyond is not read: a message says what it is at its beginning, and work is bounded.</summary>
public sealed record TokenLimits
{
    /// <summary>The defaults.</summary>
    public static TokenLimits Default { get; } = new();

    /// <summary>Octets of one text part, as it stands in the message, that are decoded.</summary>
    public int PartOctets { get; init; } = 192 * 1024;

    /// <summary>Text parts read.</summary>
    public int TextParts { get; init; } = 20;

    /// <summary>Words of the text, of all parts together.</summary>
    public int Words { get; init; } = 3_000;

    /// <summary>Links looked at.</summary>
    public int Links { get; init; } = 100;

    /// <summary>Characters of one token; a longer word is told by its length.</summary>
    public int TokenCharacters { get; init; } = 32;

    /// <summary>Different features of one message.</summary>
    public int Features { get; init; } = 24_000;

    /// <summary>Header fields read.</summary>
    public int Fields { get; init; } = 200;
}
