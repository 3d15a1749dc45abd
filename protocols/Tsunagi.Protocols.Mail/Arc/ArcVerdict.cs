namespace Tsunagi.Protocols.Mail.Arc;

/// <summary>The state of a chain (RFC 8617 section 4.4).</summary>
public enum ArcVerdict
{
    /// <summary>The message carries no chain.</summary>
    None,
    /// <summary>Every seal and the last signature verify.</summary>
    Pass,
    /// <summary>The chain is broken, and stays so.</summary>
    Fail,
    /// <summary>A key could not be fetched, so nothing is known; asking again later may help. A chain that is sealed in this state is sealed as failed.</summary>
    TempError,
}

/// <summary>One ARC set.</summary>
/// <param name="Instance">1 for the first host that sealed.</param>
/// <param name="Results">What stands behind "i=N;" in ARC-Authentication-Results, folds undone: what that host found.</param>
/// <param name="Message">ARC-Message-Signature.</param>
/// <param name="Seal">ARC-Seal.</param>
public sealed record ArcSet(int Instance, string Results, Dkim.DkimSignature Message, Dkim.DkimSignature Seal);

/// <summary>What was found of a chain.</summary>
public sealed record ArcResult
{
    /// <summary>The state of the chain.</summary>
    public required ArcVerdict Verdict { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The sets, the first host's first; empty where the structure is broken.</summary>
    public System.Collections.Immutable.ImmutableArray<ArcSet> Sets { get; init; } = [];

    /// <summary>The highest instance that stands there, of a broken chain too; 0 without one.</summary>
    public int LastInstance { get; init; }

    /// <summary>The last seal says that the chain had failed already, so no further set is added (RFC 8617 section 5.1).</summary>
    public bool IsClosed { get; init; }

    /// <summary>
    /// The lowest instance from which on every message signature still verifies, when asked for and the chain passes; 0 when all do
    /// (RFC 8617 section 5.2, step 5).
    /// </summary>
    public int? OldestPass { get; init; }
}
