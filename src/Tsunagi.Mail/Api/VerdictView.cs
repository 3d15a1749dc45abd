using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Api;

/// <summary>Why a message was judged as it was, in the caller's language: made from the stored verdict alone.</summary>
/// <param name="Action">accept, tag, quarantine, defer or reject.</param>
/// <param name="Class">spam, virus, attachment or policy; absent unless it was quarantined.</param>
/// <param name="Wished">What it would have been without tag-only or without other recipients; absent when the same.</param>
/// <param name="Reason">The code that decided; absent when nothing was found.</param>
/// <param name="Omitted">Things found that were too many to be kept.</param>
public sealed record VerdictView(
    string Action, string? Class, string? Wished, string? Reason, string Summary, string? Decider, int Points, IReadOnlyList<EvidenceView> Evidence, int Omitted)
{
    /// <summary>Null where nothing was checked.</summary>
    internal static VerdictView? Of(string stored, string locale)
    {
        if (stored.Length == 0 || !VerdictFacts.TryRead(Convert.FromBase64String(stored), out var verdict, out var omitted))
        {
            return null;
        }

        return Of(verdict, omitted, locale);
    }

    /// <summary>A verdict that is not stored: what another policy would have said.</summary>
    internal static VerdictView Of(MessageVerdict verdict, int omitted, string locale)
    {
        return new VerdictView(
            NameOf(verdict.Action), verdict.Hold == Spool.HoldClass.None ? null : verdict.Hold.ToString().ToLowerInvariant(),
            verdict.Wished == verdict.Action ? null : NameOf(verdict.Wished), MessageView.Some(verdict.Reason), VerdictStory.Summary(verdict).In(locale),
            VerdictStory.Decider(verdict)?.In(locale), verdict.Points,
            [.. verdict.Evidence.Select(judged => new EvidenceView(
                judged.Evidence.Code, VerdictStory.Says(judged.Evidence).In(locale), VerdictStory.PolicySays(judged).In(locale), NameOf(judged.Action), MessageView.Some(judged.By), judged.Points,
                judged.Evidence.Values.GroupBy(static value => value.Name).ToDictionary(static group => group.Key, static group => group.First().Text)))], omitted);
    }

    internal static string NameOf(PolicyAction action) => action switch
    {
        PolicyAction.Accept => "accept",
        PolicyAction.Tag => "tag",
        PolicyAction.Quarantine => "quarantine",
        PolicyAction.Defer => "defer",
        _ => "reject",
    };
}

/// <summary>One thing that was found.</summary>
/// <param name="Says">In words.</param>
/// <param name="Policy">What the policy says about it, in words.</param>
/// <param name="Action">The same as a word for programs.</param>
/// <param name="By">The scope that said so; absent for the program's own policy.</param>
public sealed record EvidenceView(string Code, string Says, string Policy, string Action, string? By, int Points, IReadOnlyDictionary<string, string> Values);
