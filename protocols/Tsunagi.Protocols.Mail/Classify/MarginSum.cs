namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>Adds up what a model's tables say of a message, group by group: the weights, the strongest odds, and how many of the signs of form are known.</summary>
internal ref struct MarginSum
{
    // What the odds count beside the weights, and a scale on which clear messages of both kinds lie near 1 and -1.
    internal const double OddsPart = 3, Scale = 0.2;

    private readonly ReadOnlySpan<float> _weights;
    private readonly ReadOnlySpan<sbyte> _odds;
    private StrongestOdds _strongest;
    private double _ofWeights;

    /// <param name="weights">The model's weights.</param>
    /// <param name="odds">The model's odds, in steps.</param>
    /// <param name="bias">What the weights give a message without a known feature.</param>
    /// <param name="room">Room for <see cref="StrongestOdds"/>.</param>
    public MarginSum(ReadOnlySpan<float> weights, ReadOnlySpan<sbyte> odds, double bias, Span<float> room)
    {
        _weights = weights;
        _odds = odds;
        _strongest = new StrongestOdds(room);
        (_ofWeights, Form, Pairs) = (bias, 1, 1);
    }

    /// <summary>Share of the signs of form that are known.</summary>
    public float Form { get; private set; }

    /// <summary>Share of the pairs of signs that are known.</summary>
    public float Pairs { get; private set; }

    /// <summary>The margin, without what <see cref="Familiarity"/> takes from it.</summary>
    public readonly double Margin => Join(_ofWeights, _strongest.Sum());

    public static double Join(double ofWeights, double ofOdds) => Scale * (ofWeights + (OddsPart * ofOdds));

    /// <summary>Takes a group.</summary>
    /// <param name="group">Which.</param>
    /// <param name="features">Its features.</param>
    /// <param name="bits">Bits a feature has.</param>
    /// <param name="value">What each counts beside the other groups'.</param>
    public void Add(int group, ReadOnlySpan<uint> features, int bits, float value)
    {
        int shift = bits - System.Numerics.BitOperations.Log2((uint)_weights.Length);
        int oddsShift = bits - System.Numerics.BitOperations.Log2((uint)_odds.Length);
        float sum = 0;
        int known = 0;
        foreach (uint feature in features)
        {
            sum += _weights[(int)(feature >> shift)];
            sbyte steps = _odds[(int)(feature >> oddsShift)];
            if (steps != 0)
            {
                known++;
                _strongest.Add(group, TokenOdds.ValueOf(steps));
            }
        }

        _ofWeights += sum * value;
        if (group == (int)FeatureGroup.Form)
        {
            Form = Familiarity.ShareOf(known, features.Length);
        }
        else if (group == (int)FeatureGroup.FormPairs)
        {
            Pairs = Familiarity.ShareOf(known, features.Length);
        }
    }
}
