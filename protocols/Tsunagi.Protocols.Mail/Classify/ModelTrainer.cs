namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Makes a model from examples. Not for several threads at once. (1) The examples are cut into parts, evenly mixed; (2) each part is judged by a model trained with the
/// others, so that no message is judged by one that knows it; (3) the threshold is put where as few good messages are above it as wanted; (4) the model itself is
/// trained with all.
/// </summary>
public sealed class ModelTrainer
{
    private const double BiasValue = 0.3;
    private const double Cost = 10;

    // A message no model knows has a margin near 0: it must not be spam because the examples were easy to part.
    private const double LeastThreshold = 0.2;
    private readonly TrainingOptions _options;
    private readonly List<DualAscent.Example> _examples = [];

    /// <summary>A trainer without examples.</summary>
    public ModelTrainer(TrainingOptions? options = null)
    {
        _options = options ?? TrainingOptions.Default;
        if (_options.Bits is < LinearModel.MinBits or > LinearModel.MaxBits)
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"a table of {_options.Bits} bits; it has {LinearModel.MinBits} to {LinearModel.MaxBits}");
        }

        if (_options.Folds < 2)
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"{_options.Folds} parts; the threshold needs at least 2");
        }
    }

    /// <summary>Spam examples so far.</summary>
    public int Spam { get; private set; }

    /// <summary>Other examples so far.</summary>
    public int Ham { get; private set; }

    /// <summary>After training: share of the spam above the threshold, each message judged by a model that did not know it.</summary>
    public double SpamCaught { get; private set; }

    /// <summary>After training: share of the good mail above the threshold, judged in the same way.</summary>
    public double HamHit { get; private set; }

    /// <summary>Adds an example. False when there are as many as may be.</summary>
    public bool Add(FeatureVector vector, bool isSpam)
    {
        ArgumentNullException.ThrowIfNull(vector);
        if (_examples.Count >= _options.Examples)
        {
            return false;
        }

        _examples.Add(ToExample(vector, _options.Bits, GroupWeights.Shared, isSpam));
        (Spam, Ham) = isSpam ? (Spam + 1, Ham) : (Spam, Ham + 1);
        return true;
    }

    /// <summary>Adds the message that <paramref name="tokens"/> has read. False when there are as many as may be.</summary>
    public bool Add(MessageTokens tokens, bool isSpam) => Add(FeatureVector.Of(tokens, _options.Features), isSpam);

    /// <summary>Trains. Null when there are fewer than two examples of a kind for each part: nothing can be said of them then.</summary>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public LinearModel? Train(Action<double>? progress, CancellationToken cancellationToken)
    {
        int folds = Math.Min(_options.Folds, Math.Min(Spam, Ham) / 2);
        if (folds < 2)
        {
            return null;
        }

        // (1), (2)
        DualAscent.Example[] all = [.. _examples];
        double[] margins = new double[all.Length];
        int[] parts = Parts(all, folds);
        for (int fold = 0; fold < folds; fold++)
        {
            Judge(all, parts, fold, margins, cancellationToken);
            progress?.Invoke((fold + 1.0) / (folds + 1));
        }

        // (3)
        (double threshold, double slope) = Threshold(all, margins);

        // (4)
        float[] weights = new float[1 << _options.Bits];
        var ascent = new DualAscent(BiasValue, Cost);
        ascent.Train(all, null, weights, cancellationToken);
        progress?.Invoke(1);
        return new LinearModel(_options.Bits, weights, ascent.Bias, threshold, slope, Spam, Ham);
    }

    internal static DualAscent.Example ToExample(FeatureVector vector, int bits, GroupWeights groups, bool isSpam)
    {
        int[] places = new int[vector.Count];
        int[] ends = new int[MessageTokens.Groups];
        float[] values = new float[MessageTokens.Groups];
        groups.Values(vector, values);
        int at = 0;
        for (int group = 0; group < ends.Length; group++)
        {
            foreach (uint feature in vector.Of(group))
            {
                places[at++] = (int)(feature >> (FeatureVector.Bits - bits));
            }

            ends[group] = at;
        }

        return new DualAscent.Example(places, ends, values, isSpam);
    }

    // Each kind goes round the parts by itself, so that every part has its share of both whatever order they came in.
    private static int[] Parts(DualAscent.Example[] all, int folds)
    {
        int[] parts = new int[all.Length];
        int spam = 0, ham = 0;
        for (int i = 0; i < all.Length; i++)
        {
            parts[i] = (all[i].IsSpam ? spam++ : ham++) % folds;
        }

        return parts;
    }

    private void Judge(DualAscent.Example[] all, int[] parts, int fold, double[] margins, CancellationToken cancellationToken)
    {
        float[] weights = new float[1 << _options.Bits];
        var ascent = new DualAscent(BiasValue, Cost);
        ascent.Train([.. all.Where((_, i) => parts[i] != fold)], null, weights, cancellationToken);
        for (int i = 0; i < all.Length; i++)
        {
            if (parts[i] == fold)
            {
                margins[i] = all[i].Dot(weights) + ascent.Bias;
            }
        }
    }

    /// <summary>
    /// Where the wanted share of good messages is above: half way between the last that may be and the first that may not, so that the threshold does not lie on a
    /// message. With few examples the wanted share is less than one message: then above the highest, by its distance to the middle of the spam.
    /// </summary>
    private (double Threshold, double Slope) Threshold(DualAscent.Example[] all, double[] margins)
    {
        double[] ham = [.. margins.Where((_, i) => !all[i].IsSpam).OrderDescending()];
        double[] spam = [.. margins.Where((_, i) => all[i].IsSpam).Order()];
        double middle = spam[spam.Length / 2];
        int hits = Math.Min((int)(ham.Length * _options.HamHits), ham.Length - 1);
        double threshold = hits == 0 ? ham[0] + (0.1 * Math.Max(0, middle - ham[0])) : (ham[hits - 1] + ham[hits]) / 2;
        threshold = Math.Max(threshold, LeastThreshold);

        SpamCaught = spam.Count(margin => margin >= threshold) / (double)spam.Length;
        HamHit = ham.Count(margin => margin >= threshold) / (double)ham.Length;

        // A spam from the middle of all scores 0.95.
        return (threshold, Math.Log(19) / Math.Max(0.05, middle - threshold));
    }
}
