using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Authentication;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// What another policy would have made of a message that was judged before, from the stored verdict alone: no body, no store, no network. (1) a policy that wants what was not looked for then cannot be answered for;
/// (2) what was found is taken back out of the old policy's words; (3) the new policy hears it, (4) with what its people had said of the sender, and what the greylist had; (5) the same judge decides.
/// Pure: the filter's own words and judge on the same evidence, so under the policy of then it gives the verdict of then.
/// </summary>
internal static class Rejudge
{
    /// <param name="setUp">The checks that this program is set up for: a policy's wish for another changes nothing.</param>
    public static Rejudged Decide(MessageVerdict stored, EffectivePolicy policy, IReadOnlyCollection<string> setUp)
    {
        if (!policy.Enabled)
        {
            return new Rejudged(MessageVerdict.NotChecked, WhyNotJudged.None, false);
        }

        // (1)
        if (stored.Basis is not { } basis)
        {
            return Rejudged.Not(WhyNotJudged.EvidenceNotKept);
        }

        if (setUp.Any(check => policy.Wants(check) && !basis.Ran.Contains(check, StringComparer.Ordinal))
            || (policy.Wants(Checks.Client.ClientCheck.CheckName) && basis.Lists is { } lists && policy.Lists.Any(list => list.Codes.Count > 0 && !lists.Contains(list.Zone, StringComparer.Ordinal))))
        {
            return Rejudged.Not(WhyNotJudged.NotLookedFor);
        }

        // (2)
        var (found, words) = Split(stored, basis);

        // (3)
        List<Evidence> heard = [.. Hearing.Of(policy, found)];

        // (4)
        if (words.Sender is { } sender && (sender.Code != SenderWord.Allowed || heard.Exists(static evidence => evidence.Code is AuthenticationCheck.DmarcPass or AuthenticationCheck.Submitted)))
        {
            heard.Add(sender);
        }

        var asks = basis.Greylist != GreylistStage.Pointless && GreylistWord.Asks(policy, heard);
        if (asks && words.Greylist is { } standing)
        {
            heard.Add(standing);
        }

        // (5)
        return new Rejudged(Judge.Decide(heard, policy) with { Basis = basis }, WhyNotJudged.None, asks && basis.Greylist == GreylistStage.NotAsked);
    }

    private static (List<Evidence> Found, (Evidence? Sender, Evidence? Greylist) Words) Split(MessageVerdict stored, VerdictBasis basis)
    {
        var found = new List<Evidence>(stored.Evidence.Count + basis.Unheard.Count);
        (Evidence? Sender, Evidence? Greylist) words = (null, null);
        foreach (var judged in stored.Evidence)
        {
            switch (judged.Evidence.Code)
            {
                case SenderWord.Blocked or SenderWord.Allowed:
                    words.Sender = judged.Evidence;
                    break;
                case GreylistWord.PutOff or GreylistWord.Returned:
                    words.Greylist = judged.Evidence;
                    break;
                default:
                    found.Add(ListWord.Unworded(judged.Evidence));
                    break;
            }
        }

        // Of equals the first decides, so each goes back to its place.
        foreach (var (place, evidence) in basis.Unheard)
        {
            found.Insert(Math.Clamp(place, 0, found.Count), evidence);
        }

        return (found, words);
    }
}

/// <summary>What another policy makes of a past message.</summary>
/// <param name="Why">Why it cannot be said.</param>
/// <param name="AsIfKnown">The policy would have asked the greylist, which was not asked then: its sender is taken for one it knew.</param>
internal readonly record struct Rejudged(MessageVerdict? Verdict, WhyNotJudged Why, bool AsIfKnown)
{
    public static Rejudged Not(WhyNotJudged why) => new(null, why, false);
}

/// <summary>Why it cannot be said what another policy would have made of a message.</summary>
internal enum WhyNotJudged
{
    None,

    /// <summary>It was not checked at all.</summary>
    NotChecked,

    /// <summary>What was found was too much to be kept whole, or was kept by an older program.</summary>
    EvidenceNotKept,

    /// <summary>The policy wants a check or a block list that did not look then.</summary>
    NotLookedFor,
}
