using System.Numerics;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// What one party said over the shared model: a correction, made from its examples alone and only where the shared model is not sure enough of what they are. A
/// message that has nothing in common with any of them keeps the shared model's word; one that is nearly an example gets the example's. Immutable. Examples are
/// few, so it is made anew from all of them: what is taken back is gone without a trace.
/// </summary>
public sealed class TenantModel
{
    private const double Cost = 10;

    // Keys with their weights in one open table; a key of 0 is a free place.
    private readonly uint[] _keys;
    private readonly float[] _weights;

    private TenantModel(uint[] keys, float[] weights, int examples) => (_keys, _weights, Examples) = (keys, weights, examples);

    /// <summary>Examples it was made from.</summary>
    public int Examples { get; }

    /// <summary>Octets it takes.</summary>
    public long Bytes => (_keys.Length * 4L) + (_weights.Length * 4L);

    /// <summary>Makes one.</summary>
    /// <param name="shared">The model it corrects; null when there is none.</param>
    /// <param name="examples">Features, and whether they are of spam; in a steady order.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static TenantModel Train(LinearModel? shared, IReadOnlyList<(FeatureVector Vector, bool IsSpam)> examples, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var places = new Dictionary<uint, int>();
        var given = new double[examples.Count];
        var all = new DualAscent.Example[examples.Count];
        for (int i = 0; i < all.Length; i++)
        {
            (FeatureVector vector, bool isSpam) = examples[i];
            given[i] = shared is null ? 0 : shared.MarginOf(vector) - shared.Threshold;
            all[i] = ToExample(vector, isSpam, places);
        }

        float[] dense = new float[places.Count];
        new DualAscent(0, Cost).Train(all, given, dense, cancellationToken);
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, places.Count * 2));
        uint[] keys = new uint[size];
        float[] weights = new float[size];
        foreach ((uint feature, int place) in places)
        {
            if (dense[place] == 0)
            {
                continue;
            }

            int slot = SlotOf(feature, size);
            while (keys[slot] != 0)
            {
                slot = (slot + 1) & (size - 1);
            }

            (keys[slot], weights[slot]) = (feature + 1, dense[place]);
        }

        return new TenantModel(keys, weights, examples.Count);
    }

    /// <summary>What is to be added to the shared model's margin of a message.</summary>
    public double MarginOf(MessageTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Span<float> values = stackalloc float[MessageTokens.Groups];
        GroupWeights.Tenant.Values(tokens, values);
        double margin = 0;
        for (int group = 0; group < values.Length; group++)
        {
            float sum = 0;
            foreach (uint hash in tokens.Of((FeatureGroup)group))
            {
                sum += WeightOf(hash);
            }

            margin += sum * values[group];
        }

        return margin;
    }

    internal float WeightOf(uint hash)
    {
        uint feature = hash >> (32 - FeatureVector.Bits);
        int slot = SlotOf(feature, _keys.Length);
        while (_keys[slot] != 0)
        {
            if (_keys[slot] == feature + 1)
            {
                return _weights[slot];
            }

            slot = (slot + 1) & (_keys.Length - 1);
        }

        return 0;
    }

    private static int SlotOf(uint feature, int size) => (int)((feature * 2654435769u) >> 8) & (size - 1);

    private static DualAscent.Example ToExample(FeatureVector vector, bool isSpam, Dictionary<uint, int> places)
    {
        int[] own = new int[vector.Count];
        int[] ends = new int[MessageTokens.Groups];
        float[] values = new float[MessageTokens.Groups];
        GroupWeights.Tenant.Values(vector, values);
        int at = 0;
        for (int group = 0; group < ends.Length; group++)
        {
            foreach (uint feature in values[group] > 0 ? vector.Of(group) : [])
            {
                if (!places.TryGetValue(feature, out int place))
                {
                    places[feature] = place = places.Count;
                }

                own[at++] = place;
            }

            ends[group] = at;
        }

        return new DualAscent.Example(own, ends, values, isSpam);
    }
}
