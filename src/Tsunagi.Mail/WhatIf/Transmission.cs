using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.WhatIf;

/// <summary>
/// The recipients of one transmission judged anew, as SMTP has it: one of them who puts it off puts it off for all, and a refusal is said only when all refuse; else it is kept for those. Recipients outside the
/// question (another tenant's, another domain's) asked for what they asked for then: the stored verdicts say how many there were and what they wanted.
/// </summary>
internal readonly record struct Transmission(bool IsPutOff, bool IsRefused)
{
    /// <param name="copies">What each asked for then (null: not checked), and what it would.</param>
    public static Transmission Of(IReadOnlyList<(MessageVerdict? Stored, MessageVerdict Anew)> copies)
    {
        var basis = copies.Select(static copy => copy.Stored?.Basis).FirstOrDefault(static basis => basis is { Recipients: > 0 });
        var others = Math.Max(0, (basis?.Recipients ?? 0) - copies.Count);
        var othersRefused = (basis?.Refused ?? 0) - copies.Count(static copy => copy.Stored?.Asked == PolicyAction.Reject);
        var othersPutOff = (basis?.PutOff ?? 0) - copies.Count(static copy => copy.Stored?.Action == PolicyAction.Defer);
        return new Transmission(
            (others > 0 && othersPutOff > 0) || copies.Any(static copy => copy.Anew.Action == PolicyAction.Defer),
            others <= Math.Max(0, othersRefused) && copies.All(static copy => copy.Anew.Action == PolicyAction.Reject));
    }

    /// <summary>What is done for one of them.</summary>
    public MessageVerdict Done(MessageVerdict verdict) =>
        IsPutOff ? verdict with { Action = PolicyAction.Defer, Hold = Spool.HoldClass.None }
        : verdict.Action == PolicyAction.Reject && !IsRefused ? verdict.KeptInstead()
        : verdict;
}
