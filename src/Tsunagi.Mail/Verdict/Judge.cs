using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Verdict;

/// <summary>Step (4b): the one place that decides, from what was found and what holds for the recipient. Pure: the same in, the same out.</summary>
internal static class Judge
{
    /// <summary>
    /// (1) each thing found has its action; the hardest counts, and of equals the first found; (2) the points together may be worth a harder one,
    /// unless the recipient said of a confirmed sender that its mail is wanted; (3) tag-only takes what is harder than tagging down to that, shadow all of it to nothing.
    /// </summary>
    public static MessageVerdict Decide(IReadOnlyList<Evidence> evidence, EffectivePolicy policy)
    {
        if (!policy.Enabled)
        {
            return MessageVerdict.NotChecked;
        }

        // (1)
        var judged = new JudgedEvidence[evidence.Count];
        var (action, reason, hold, points) = (PolicyAction.Accept, "", HoldClass.None, 0);
        for (var i = 0; i < judged.Length; i++)
        {
            var code = EvidenceCatalogue.Find(evidence[i].Code);
            var (said, by) = code is null or { IsNote: true } ? (PolicyAction.Accept, "") : policy.ActionOn(evidence[i].Code);
            judged[i] = new JudgedEvidence(evidence[i], code is null ? 0 : policy.PointsOf(code, evidence[i]), said, by);
            points += judged[i].Points;
            if (said > action)
            {
                (action, reason, hold) = (said, evidence[i].Code, code!.Hold);
            }
        }

        // (2)
        var worth = IsReached(policy.RejectPoints, points) ? PolicyAction.Reject
            : IsReached(policy.QuarantinePoints, points) ? PolicyAction.Quarantine
            : IsReached(policy.TagPoints, points) ? PolicyAction.Tag
            : PolicyAction.Accept;
        if (worth > action && evidence.Any(static found => found.Code == SenderWord.Allowed))
        {
            reason = reason.Length == 0 ? SenderWord.Allowed : reason;
        }
        else if (worth > action)
        {
            (action, reason, hold) = (worth, MessageVerdict.ByPoints, HoldClass.Spam);
        }

        // (3)
        var done = policy.Shadow ? PolicyAction.Accept : policy.TagOnly && action > PolicyAction.Tag ? PolicyAction.Tag : action;
        return new MessageVerdict(done, done == PolicyAction.Quarantine ? hold : HoldClass.None, reason, action, points, policy.TagOnly, policy.TagOnlyBy, judged) { Shadow = policy.Shadow };
    }

    private static bool IsReached(int from, int points) => from > 0 && points >= from;
}
