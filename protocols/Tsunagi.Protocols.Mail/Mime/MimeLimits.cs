using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Mime;

/// <summary>How much of a message's structure is read. What lies beyond is told as <see cref="MimeFlaw.Beyond"/>.</summary>
public sealed record MimeLimits
{
    /// <summary>The defaults.</summary>
    public static MimeLimits Default { get; } = new();

    /// <summary>Entities within entities; the message is at depth 0.</summary>
    public int Depth { get; init; } = 20;

    /// <summary>Entities, the message itself counted.</summary>
    public int Parts { get; init; } = 1000;

    /// <summary>Characters of a name.</summary>
    public int NameCharacters { get; init; } = 255;

    /// <summary>Of each header section.</summary>
    public HeaderLimits Header { get; init; } = HeaderLimits.Default;
}
