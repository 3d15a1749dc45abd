using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>The states of section 10.1.</summary>
public enum Dkim2Verdict
{
    /// <summary>The message carries none of it.</summary>
    None,
    /// <summary>Every signature and the hashes of the message verify.</summary>
    Pass,
    /// <summary>A hash or signature is wrong.</summary>
    Fail,
    /// <summary>It can never be verified.</summary>
    PermError,
    /// <summary>A key could not be fetched; asking again later may help.</summary>
    TempError,
}

/// <summary>How the chain is verified.</summary>
public sealed record Dkim2Options
{
    /// <summary>The defaults.</summary>
    public static Dkim2Options Default { get; } = new();

    /// <summary>Hops and forms of a message that are looked at; more are a permanent error.</summary>
    public int Hops { get; init; } = 50;

    /// <summary>Signatures of one hop, each with a key to be fetched; more are a permanent error.</summary>
    public int ValuesPerHop { get; init; } = 4;

    /// <summary>How long a signature counts (section 7.4).</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How far t= may lie in the future.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Paths in mf= and rt= must have their brackets, as the draft has had it since its first version; some signers leave them off.</summary>
    public bool NeedsBrackets { get; init; } = true;

    /// <summary>What keys are accepted.</summary>
    public Dkim.DkimOptions Keys { get; init; } = Dkim.DkimOptions.Default;
}

/// <summary>What was found.</summary>
public sealed record Dkim2Result
{
    /// <summary>The state.</summary>
    public required Dkim2Verdict Verdict { get; init; }

    /// <summary>Why, in the words of the draft where it has some.</summary>
    public required string Reason { get; init; }

    /// <summary>The signatures, the originator's first; empty where their chain is broken.</summary>
    public ImmutableArray<Dkim2Signature> Signatures { get; init; } = [];

    /// <summary>The forms of the message, the first one first.</summary>
    public ImmutableArray<MessageInstance> Instances { get; init; } = [];

    /// <summary>A hop asked for the message not to be modified, and one behind it did (section 10.8).</summary>
    public bool IsModifiedAgainstRequest { get; init; }

    /// <summary>A hop asked for the message not to be sent to several, and one behind it did (section 10.8).</summary>
    public bool IsExplodedAgainstRequest { get; init; }
}
