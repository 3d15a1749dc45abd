using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>Asks the models about a message, and says why in the message's own words.</summary>
public static class MessageClassifier
{
    /// <summary>Judges a message that was read.</summary>
    /// <param name="tokens">The message.</param>
    /// <param name="shared">The shared model; null when there is none.</param>
    /// <param name="tenant">The correction of the party it is for; null for none.</param>
    /// <param name="most">Most features told of each side; 0 for none, which costs nothing.</param>
    public static Classification Classify(MessageTokens tokens, LinearModel? shared, TenantModel? tenant = null, int most = 0)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        double own = tenant?.MarginOf(tokens) ?? 0;
        double margin = (shared is null ? 0 : shared.MarginOf(tokens) - shared.Threshold) + own;
        double slope = shared?.Slope ?? 3;
        double score = 1 / (1 + Math.Exp(-slope * margin));
        return most <= 0
            ? new Classification(score, margin, own, [], [])
            : new Classification(score, margin, own, Top(tokens, shared, tenant, most, 1), Top(tokens, shared, tenant, most, -1));
    }

    private static ImmutableArray<WeighedFeature> Top(MessageTokens tokens, LinearModel? shared, TenantModel? tenant, int most, int sign)
    {
        Span<float> ofShared = stackalloc float[MessageTokens.Groups];
        Span<float> ofTenant = stackalloc float[MessageTokens.Groups];
        GroupWeights.Shared.Values(tokens, ofShared);
        GroupWeights.Tenant.Values(tokens, ofTenant);
        var strongest = new StrongestOdds(stackalloc float[StrongestOdds.Room]);
        shared?.AddStrongest(tokens, ref strongest);
        var top = new List<(FeatureGroup Group, int Index, double Weight)>(most + 1);
        for (int group = 0; group < MessageTokens.Groups; group++)
        {
            ReadOnlySpan<uint> hashes = tokens.Of((FeatureGroup)group);
            for (int i = 0; i < hashes.Length; i++)
            {
                double weight = sign * ((shared?.PartOf(hashes[i], group, ofShared[group], strongest) ?? 0) + ((tenant?.WeightOf(hashes[i]) ?? 0) * ofTenant[group]));
                if (weight <= 0 || (top.Count == most && weight <= top[^1].Weight))
                {
                    continue;
                }

                int at = top.Count;
                while (at > 0 && top[at - 1].Weight < weight)
                {
                    at--;
                }

                top.Insert(at, ((FeatureGroup)group, i, weight));
                if (top.Count > most)
                {
                    top.RemoveAt(most);
                }
            }
        }

        return [.. top.Select(one => new WeighedFeature(tokens.Describe(one.Group, one.Index), sign * one.Weight))];
    }
}
