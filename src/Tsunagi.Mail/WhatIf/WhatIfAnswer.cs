using System.Runtime.InteropServices;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.WhatIf;

/// <summary>What is asked: which past mail, under which policy.</summary>
/// <param name="Policy">The draft; null: what if that scope said nothing.</param>
/// <param name="Days">How far back, to now.</param>
internal sealed record WhatIfQuestion(PolicyPlace Place, FilterPolicy? Policy, int Days)
{
    public const int MostDays = 400;
}

/// <summary>What was done with a copy, or would be.</summary>
/// <param name="Hold">Which quarantine, where it is kept.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WhatIfFate(PolicyAction Action, HoldClass Hold)
{
    public static WhatIfFate Of(MessageVerdict verdict) => new(verdict.Action, verdict.Hold);
}

/// <summary>How far a question has come.</summary>
/// <param name="Messages">Past messages looked at.</param>
/// <param name="Share">0 to 1: how much of the time asked for they cover.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WhatIfProgress(long Messages, double Share);

/// <summary>
/// What a policy would have done. A copy is one message for one recipient; a transmission's recipients are judged together, because one reply stands for all of them.
/// </summary>
/// <param name="FromMicros">The time that was looked at: from here…</param>
/// <param name="ToMicros">…to here.</param>
/// <param name="Copies">Copies in the policy's scope; the sum of <paramref name="Same"/>, the changes and what was not judged.</param>
/// <param name="Same">Copies that would have fared as they did.</param>
/// <param name="AsIfKnown">Copies judged as if the greylist knew their senders: the policy would have asked it, and nobody did then.</param>
/// <param name="IsCut">There were more messages than a question may look at: the oldest were left out, and <paramref name="FromMicros"/> says where that is.</param>
internal sealed record WhatIfAnswer(
    long FromMicros, long ToMicros, long Messages, long Copies, long Same, long AsIfKnown, bool IsCut, IReadOnlyList<WhatIfChange> Changes, IReadOnlyList<WhatIfLeft> NotJudged)
{
    public long Changed => Changes.Sum(static change => change.Copies);
}

/// <summary>Copies that would have fared otherwise in the same way.</summary>
/// <param name="Senders">Who sent most of them, by domain, most first.</param>
/// <param name="OtherSenders">Copies of senders that are not in that list.</param>
/// <param name="Newest">Some of them, the newest first.</param>
internal sealed record WhatIfChange(WhatIfFate From, WhatIfFate To, long Copies, IReadOnlyList<WhatIfSender> Senders, long OtherSenders, IReadOnlyList<WhatIfCopy> Newest);

/// <summary>How many copies came from a domain; empty for reports without a sender.</summary>
internal sealed record WhatIfSender(string Domain, long Copies);

/// <summary>One copy.</summary>
/// <param name="Before">The code that decided then; empty for none.</param>
/// <param name="After">The code that would decide.</param>
internal sealed record WhatIfCopy(string Message, long AcceptedAt, string Sender, string Recipient, string Before, string After);

/// <summary>Copies that cannot be judged anew, and why.</summary>
internal sealed record WhatIfLeft(WhyNotJudged Why, long Copies, IReadOnlyList<WhatIfCopy> Newest);
