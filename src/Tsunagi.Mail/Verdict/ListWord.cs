using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Client;

namespace Tsunagi.Mail.Verdict;

/// <summary>What lists said, as one recipient's policy hears it: a list it does not name, or a code it gives no meaning, is nothing; the rest is told in the policy's words.</summary>
internal static class ListWord
{
    /// <summary>The same evidence where no list was heard.</summary>
    public static IReadOnlyList<Evidence> For(EffectivePolicy policy, IReadOnlyList<Evidence> found)
    {
        if (!found.Any(IsOfList))
        {
            return found;
        }

        var heard = new List<Evidence>(found.Count);
        foreach (var evidence in found)
        {
            if (!IsOfList(evidence))
            {
                heard.Add(evidence);
            }
            else if (Find(policy, evidence) is { } list)
            {
                if (evidence.Code != ClientCheck.Listed)
                {
                    heard.Add(evidence);
                }
                else if (CodesOf(list, evidence.Values[2].Text) is { Count: > 0 } codes)
                {
                    heard.Add(Evidence.Of(
                        ClientCheck.Listed, ("list", list.Zone), ("client", evidence.Values[1].Text),
                        ("means", string.Join(", ", codes.Select(static code => code.Means is { Length: > 0 } means ? $"{means} ({code.Code})" : code.Code))),
                        ("codes", string.Join(' ', codes.Select(static code => code.Code))), ("answered", evidence.Values[2].Text)));
                }
            }
        }

        return heard;
    }

    /// <summary>What lists that the policy names answered and it gives no meaning: with their places among what was found.</summary>
    public static IReadOnlyList<UnheardEvidence> UnheardOf(EffectivePolicy policy, IReadOnlyList<Evidence> found)
    {
        List<UnheardEvidence>? unheard = null;
        for (var i = 0; i < found.Count; i++)
        {
            if (found[i].Code == ClientCheck.Listed && Find(policy, found[i]) is { } list && CodesOf(list, found[i].Values[2].Text).Count == 0)
            {
                (unheard ??= []).Add(new UnheardEvidence(i, found[i]));
            }
        }

        return unheard ?? (IReadOnlyList<UnheardEvidence>)[];
    }

    /// <summary>What a list answered, from what a policy heard of it.</summary>
    public static Evidence Unworded(Evidence heard) => heard.Code == ClientCheck.Listed && heard.Values.Count > 4
        ? Evidence.Of(ClientCheck.Listed, ("list", heard.Values[0].Text), ("client", heard.Values[1].Text), ("codes", heard.Values[4].Text))
        : heard;

    /// <summary>What the worst of its codes is worth.</summary>
    public static int PointsOf(EffectivePolicy policy, Evidence evidence) =>
        evidence.Values.Count > 3 && Find(policy, evidence) is { } list ? CodesOf(list, evidence.Values[3].Text).Select(static code => code.Points).DefaultIfEmpty().Max() : 0;

    private static bool IsOfList(Evidence evidence) => evidence.Code == ClientCheck.Listed || (evidence.Code == ClientCheck.NoAnswer && evidence.Values[0].Text != ClientCheck.Resolver);

    private static BlockList? Find(EffectivePolicy policy, Evidence evidence)
    {
        foreach (var list in policy.Lists)
        {
            if (list.Zone == evidence.Values[0].Text)
            {
                return list;
            }
        }

        return null;
    }

    private static List<BlockListCode> CodesOf(BlockList list, string answered)
    {
        var codes = answered.Split(' ');
        return [.. list.Codes.Where(code => codes.Contains(code.Code, StringComparer.Ordinal))];
    }
}
