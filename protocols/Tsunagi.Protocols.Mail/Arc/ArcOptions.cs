using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Protocols.Mail.Arc;

/// <summary>How a chain is verified.</summary>
public sealed record ArcOptions
{
    /// <summary>The defaults.</summary>
    public static ArcOptions Default { get; } = new();

    /// <summary>The most sets a chain may have; RFC 8617 section 4.2.1 allows 50.</summary>
    public int Sets { get; init; } = 50;

    /// <summary>Also verify the earlier message signatures and tell since when the message is unchanged.</summary>
    public bool FindsOldestPass { get; init; }

    /// <summary>What keys are accepted.</summary>
    public DkimOptions Keys { get; init; } = DkimOptions.Default;
}
