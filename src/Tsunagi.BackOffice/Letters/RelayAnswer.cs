namespace Tsunagi.BackOffice.Letters;

/// <summary>What a relay made of a letter.</summary>
/// <param name="Text">Its reply, or what went wrong.</param>
internal sealed record RelayAnswer(RelayOutcome Outcome, string Text);

/// <summary>How an attempt ended.</summary>
internal enum RelayOutcome
{
    /// <summary>The relay has it.</summary>
    Taken,

    /// <summary>The relay has nothing of it; another time.</summary>
    Later,

    /// <summary>The relay will not have it.</summary>
    Refused,

    /// <summary>The text was given and no answer came.</summary>
    Unknown,

    /// <summary>It was not handed over: another node or person was first, or the lease is not safe.</summary>
    Stopped,
}
