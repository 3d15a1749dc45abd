using Tsunagi.Mail.Checks;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// What one recipient's policy hears of what was found in a message that several may share: nothing of a check that it has off, though another recipient wanted it; of block lists what it names, in its words.
/// The filter and whoever judges a past message anew hear alike.
/// </summary>
internal static class Hearing
{
    public static IReadOnlyList<Evidence> Of(EffectivePolicy policy, IReadOnlyList<Evidence> found) => ListWord.For(policy, Wanted(policy, found));

    /// <summary>What the checks found that the policy wants; what no check found (a message that is too long) is for everybody.</summary>
    public static IReadOnlyList<Evidence> Wanted(EffectivePolicy policy, IReadOnlyList<Evidence> found) =>
        WantsAll(policy) || found.All(evidence => IsWanted(policy, evidence)) ? found : [.. found.Where(evidence => IsWanted(policy, evidence))];

    public static bool WantsAll(EffectivePolicy policy)
    {
        foreach (var check in EvidenceCatalogue.Checks)
        {
            if (!policy.Wants(check))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsWanted(EffectivePolicy policy, Evidence evidence)
    {
        foreach (var check in EvidenceCatalogue.Checks)
        {
            if (evidence.Code.Length > check.Length && evidence.Code[check.Length] == '.' && evidence.Code.StartsWith(check, StringComparison.Ordinal))
            {
                return policy.Wants(check);
            }
        }

        return true;
    }
}
