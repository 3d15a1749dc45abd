using Tsunagi.Mail.Checks;

namespace Tsunagi.Mail.Verdict;

/// <summary>What a verdict rests on beside what its policy heard: with it <see cref="Rejudge"/> says what another policy would have made of the same message.</summary>
/// <param name="Ran">The checks that the recipient's policy wanted and that looked.</param>
/// <param name="Lists">The block lists of that policy that were asked; null where none can be asked of who brought the message.</param>
/// <param name="Unheard">Found, and without a meaning to that policy.</param>
internal sealed record VerdictBasis(IReadOnlyList<string> Ran, IReadOnlyList<string>? Lists, GreylistStage Greylist, IReadOnlyList<UnheardEvidence> Unheard)
{
    /// <summary>Recipients of the transmission that were judged; 0 where nobody counted, and the message stands for itself.</summary>
    public int Recipients { get; init; }

    /// <summary>How many of them refused: one reply stands for all.</summary>
    public int Refused { get; init; }

    /// <summary>How many of them put it off.</summary>
    public int PutOff { get; init; }
}

/// <summary>Something found that the policy gave no meaning.</summary>
/// <param name="Place">Where it stood among what was found.</param>
internal readonly record struct UnheardEvidence(int Place, Evidence Evidence);

/// <summary>What the greylist was to a message. The numbers are stored.</summary>
internal enum GreylistStage : byte
{
    /// <summary>The policy did not ask it.</summary>
    NotAsked = 0,

    /// <summary>It was asked; what it said is evidence.</summary>
    Asked = 1,

    /// <summary>No policy would ask it: its client is not known, one of ours, or proved itself.</summary>
    Pointless = 2,
}
