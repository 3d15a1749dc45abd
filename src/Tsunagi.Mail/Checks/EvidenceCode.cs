using Tsunagi.Core.Modules;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Checks;

/// <summary>What a check may find: its stable word, what it says to people, and what is done about it where no policy says otherwise.</summary>
/// <param name="Code">"clamav.virus": the check's name, a dot, a word.</param>
/// <param name="Says">For the why page; {0}, {1}… are the evidence's values.</param>
/// <param name="Tells">For the sender of a message that is refused: what is wrong and what helps, with no detail of ours.</param>
/// <param name="Points">What it adds to the message's points.</param>
/// <param name="Action">What is done about it alone.</param>
/// <param name="Hold">The quarantine of a message that is held for it.</param>
internal sealed record EvidenceCode(string Code, LocalizedText Says, LocalizedText Tells, int Points, PolicyAction Action, HoldClass Hold)
{
    /// <summary>The check was away or out of time: putting a message off helps.</summary>
    public bool IsUnavailable { get; init; }

    /// <summary>Putting a message off helps against it: who sends rightly comes again.</summary>
    public bool MayDefer { get; init; }

    /// <summary>A policy may put a message off for it.</summary>
    public bool CanDefer => IsUnavailable || MayDefer;

    /// <summary>Makes the words of {0}, {1}… where the values alone are none for people; null where they are.</summary>
    public Func<IReadOnlyList<EvidenceValue>, IReadOnlyList<LocalizedText>>? Tell { get; init; }

    /// <summary>Good news or a note: nothing can be done about it.</summary>
    public bool IsNote { get; init; }
}
