namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// A trained model: for each feature a weight, found so that both kinds of examples stand apart, and its odds, counted; and the margin from which on a message is spam, fixed on what
/// it was trained with. The two judge by different means and err on different messages: a margin is the sum of both. Immutable; asked by any number of threads.
/// </summary>
public sealed class LinearModel
{
    /// <summary>Fewest and most bits of the tables.</summary>
    public const int MinBits = 14, MaxBits = FeatureVector.Bits;

    private readonly float[] _weights;
    private readonly sbyte[] _odds;

    internal LinearModel(int bits, float[] weights, sbyte[] odds, double bias, Familiarity familiarity, double threshold, double slope, int spam, int ham)
    {
        (Bits, _weights, _odds, Bias, Familiarity, Threshold, Slope, Spam, Ham) = (bits, weights, odds, bias, familiarity, threshold, slope, spam, ham);
    }

    /// <summary>The tables have two to the power of this places.</summary>
    public int Bits { get; }

    /// <summary>What the weights give a message without a known feature.</summary>
    public double Bias { get; }

    /// <summary>The margin from which on a message is spam.</summary>
    public double Threshold { get; }

    /// <summary>How steep a score rises with the margin.</summary>
    public double Slope { get; }

    /// <summary>Spam messages it was trained with.</summary>
    public int Spam { get; }

    /// <summary>Other messages it was trained with.</summary>
    public int Ham { get; }

    /// <summary>What is taken from the margin of a message made in a manner it does not know.</summary>
    internal Familiarity Familiarity { get; }

    internal ReadOnlySpan<float> Weights => _weights;

    internal ReadOnlySpan<sbyte> Odds => _odds;

    /// <summary>How far a message is on the side of spam (above <see cref="Threshold"/>) or on the other.</summary>
    public double MarginOf(MessageTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Span<float> values = stackalloc float[MessageTokens.Groups];
        GroupWeights.Shared.Values(tokens, values);
        var sum = new MarginSum(_weights, _odds, Bias, stackalloc float[StrongestOdds.Room]);
        for (int group = 0; group < values.Length; group++)
        {
            sum.Add(group, tokens.Of((FeatureGroup)group), 32, values[group]);
        }

        return sum.Margin - Familiarity.PriceOf(sum.Form, sum.Pairs);
    }

    /// <summary>As of a message, of features kept.</summary>
    public double MarginOf(FeatureVector vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        (double margin, float form, float pairs) = Judge(vector, _weights, _odds, Bias);
        return margin - Familiarity.PriceOf(form, pairs);
    }

    /// <summary>A margin as a number between 0 and 1; a half is the threshold.</summary>
    public double ScoreOf(double margin) => 1 / (1 + Math.Exp(-Slope * (margin - Threshold)));

    /// <summary>What tables that are no model yet say of features: the margin before anything is taken from it, and how much of the form they know.</summary>
    internal static (double Margin, float Form, float Pairs) Judge(FeatureVector vector, float[] weights, sbyte[] odds, double bias)
    {
        Span<float> values = stackalloc float[MessageTokens.Groups];
        GroupWeights.Shared.Values(vector, values);
        var sum = new MarginSum(weights, odds, bias, stackalloc float[StrongestOdds.Room]);
        for (int group = 0; group < values.Length; group++)
        {
            sum.Add(group, vector.Of(group), FeatureVector.Bits, values[group]);
        }

        return (sum.Margin, sum.Form, sum.Pairs);
    }

    /// <summary>The strongest features of a message, to tell what each added to its margin.</summary>
    internal void AddStrongest(MessageTokens tokens, ref StrongestOdds strongest)
    {
        int oddsShift = 32 - TokenOdds.Bits(Bits);
        for (int group = 0; group < MessageTokens.Groups; group++)
        {
            foreach (uint hash in tokens.Of((FeatureGroup)group))
            {
                strongest.Add(group, TokenOdds.ValueOf(_odds[hash >> oddsShift]));
            }
        }
    }

    /// <summary>What a feature adds to a margin.</summary>
    internal double PartOf(uint hash, int group, float value, in StrongestOdds strongest)
    {
        float odds = TokenOdds.ValueOf(_odds[hash >> (32 - TokenOdds.Bits(Bits))]);
        return MarginSum.Join(_weights[hash >> (32 - Bits)] * value, strongest.PartOf(group, odds));
    }
}
