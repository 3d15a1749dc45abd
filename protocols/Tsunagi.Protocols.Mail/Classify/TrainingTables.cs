namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Makes the tables of a model from some of its examples: (1) counts in how many messages of each kind a feature stands; (2) odds: the mean of what the counts of all say and what those of
/// the hard ones say (<see cref="ErrorRounds"/>); (3) weights of the features seen
/// often enough. What stands in one or two messages alone would carry their weight by itself, and nothing would be learned of what they have in common with others. The tables
/// are used again for the next part of the examples.
/// </summary>
internal sealed class TrainingTables
{
    private const double BiasValue = 0.3;
    private const double Cost = 30;

    // How many examples a feature must stand in to have a weight.
    private const int Least = 4;

    private readonly int _bits;
    private readonly int _oddsBits;
    private readonly int[] _inSpam;
    private readonly int[] _inHam;
    private readonly ErrorRounds _hard;

    public TrainingTables(int bits)
    {
        (_bits, _oddsBits) = (bits, TokenOdds.Bits(bits));
        (_inSpam, _inHam, Weights, Odds) = (new int[1 << _oddsBits], new int[1 << _oddsBits], new float[1 << bits], new sbyte[1 << _oddsBits]);
        _hard = new ErrorRounds(_oddsBits);
    }

    public float[] Weights { get; }

    public sbyte[] Odds { get; }

    public double Bias { get; private set; }

    /// <summary>Fills the tables.</summary>
    public void Make(IReadOnlyList<(FeatureVector Vector, bool IsSpam)> examples, CancellationToken cancellationToken)
    {
        int shift = FeatureVector.Bits - _oddsBits;

        // (1)
        Array.Clear(_inSpam);
        Array.Clear(_inHam);
        int spam = 0;
        foreach ((FeatureVector vector, bool isSpam) in examples)
        {
            int[] with = isSpam ? _inSpam : _inHam;
            spam += isSpam ? 1 : 0;
            foreach (uint feature in vector.All)
            {
                with[feature >> shift]++;
            }
        }

        // (2)
        _hard.Learn(examples, cancellationToken);
        for (int i = 0; i < Odds.Length; i++)
        {
            Odds[i] = _inSpam[i] + _inHam[i] == 0 ? (sbyte)0 : TokenOdds.Mean(TokenOdds.Of(_inSpam[i], _inHam[i], spam, examples.Count - spam), _hard.MeanOf(i));
        }

        // (3)
        Array.Clear(Weights);
        var ascent = new DualAscent(BiasValue, Cost);
        ascent.Train([.. examples.Select(one => ToExample(one.Vector, one.IsSpam))], null, Weights, cancellationToken);
        Bias = ascent.Bias;
    }

    // Features without a weight still count in the length of the message, as they will in messages that are judged.
    private DualAscent.Example ToExample(FeatureVector vector, bool isSpam)
    {
        int[] places = new int[vector.Count];
        int[] ends = new int[MessageTokens.Groups];
        float[] values = new float[MessageTokens.Groups];
        GroupWeights.Shared.Values(vector, values);
        int at = 0, shift = FeatureVector.Bits - _oddsBits;
        for (int group = 0; group < ends.Length; group++)
        {
            // A group without a share of the length has odds alone.
            foreach (uint feature in values[group] > 0 ? vector.Of(group) : [])
            {
                uint place = feature >> shift;
                if (_inSpam[place] + _inHam[place] >= Least)
                {
                    places[at++] = (int)(feature >> (FeatureVector.Bits - _bits));
                }
            }

            ends[group] = at;
        }

        return new DualAscent.Example(places[..at], ends, values, isSpam);
    }
}
