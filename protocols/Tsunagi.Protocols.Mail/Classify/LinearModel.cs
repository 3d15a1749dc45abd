namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// A trained model: a weight for each feature, and the margin from which on a message is spam, fixed on what it was trained with. Immutable; asked by any number
/// of threads.
/// </summary>
public sealed class LinearModel
{
    /// <summary>Fewest and most bits of the table of weights.</summary>
    public const int MinBits = 14, MaxBits = FeatureVector.Bits;

    private readonly float[] _weights;

    internal LinearModel(int bits, float[] weights, double bias, double threshold, double slope, int spam, int ham)
    {
        (Bits, _weights, Bias, Threshold, Slope, Spam, Ham) = (bits, weights, bias, threshold, slope, spam, ham);
    }

    /// <summary>The table has two to the power of this weights.</summary>
    public int Bits { get; }

    /// <summary>Margin of a message without a known feature.</summary>
    public double Bias { get; }

    /// <summary>The margin from which on a message is spam.</summary>
    public double Threshold { get; }

    /// <summary>How steep a score rises with the margin.</summary>
    public double Slope { get; }

    /// <summary>Spam messages it was trained with.</summary>
    public int Spam { get; }

    /// <summary>Other messages it was trained with.</summary>
    public int Ham { get; }

    internal ReadOnlySpan<float> Weights => _weights;

    /// <summary>How far a message is on the side of spam (above <see cref="Threshold"/>) or on the other.</summary>
    public double MarginOf(MessageTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Span<float> values = stackalloc float[MessageTokens.Groups];
        GroupWeights.Shared.Values(tokens, values);
        double margin = Bias;
        int shift = 32 - Bits;
        for (int group = 0; group < values.Length; group++)
        {
            float sum = 0;
            foreach (uint hash in tokens.Of((FeatureGroup)group))
            {
                sum += _weights[hash >> shift];
            }

            margin += sum * values[group];
        }

        return margin;
    }

    /// <summary>As of a message, of features kept.</summary>
    public double MarginOf(FeatureVector vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        Span<float> values = stackalloc float[MessageTokens.Groups];
        GroupWeights.Shared.Values(vector, values);
        double margin = Bias;
        int shift = FeatureVector.Bits - Bits;
        for (int group = 0; group < values.Length; group++)
        {
            float sum = 0;
            foreach (uint feature in vector.Of(group))
            {
                sum += _weights[feature >> shift];
            }

            margin += sum * values[group];
        }

        return margin;
    }

    /// <summary>A margin as a number between 0 and 1; a half is the threshold.</summary>
    public double ScoreOf(double margin) => 1 / (1 + Math.Exp(-Slope * (margin - Threshold)));

    internal float WeightOf(uint hash) => _weights[hash >> (32 - Bits)];
}
