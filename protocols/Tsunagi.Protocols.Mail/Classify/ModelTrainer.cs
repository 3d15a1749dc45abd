namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Makes a model from examples. Not for several threads at once. (1) The examples are cut into parts, evenly mixed; (2) each part is judged by a model trained with the
/// others, so that no message is judged by one that knows it; (3) what strange messages lose is told from how much the others knew of each
/// (<see cref="Familiarity"/>); (4) the threshold is put where as few good messages are above it as wanted (<see cref="HamTail"/>); (5) the model itself is trained with all.
/// </summary>
public sealed class ModelTrainer
{
    // A message no model knows has a margin near 0: it must not be spam because the examples were easy to part.
    private const double LeastThreshold = 0.05;
    private readonly TrainingOptions _options;
    private readonly List<(FeatureVector Vector, bool IsSpam)> _examples = [];

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

        _examples.Add((vector, isSpam));
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
        double[] margins = new double[_examples.Count];
        float[] form = new float[_examples.Count];
        float[] pairs = new float[_examples.Count];
        int[] parts = Parts(folds);
        var tables = new TrainingTables(_options.Bits);
        for (int fold = 0; fold < folds; fold++)
        {
            Judge(tables, parts, fold, margins, form, pairs, cancellationToken);
            progress?.Invoke((fold + 1.0) / (folds + 1));
        }

        // (3)
        var familiarity = Familiarity.Of(form, pairs, Spread(margins, isSpam: true)[Spam / 2]);
        for (int i = 0; i < margins.Length; i++)
        {
            margins[i] -= familiarity.PriceOf(form[i], pairs[i]);
        }

        // (4)
        (double threshold, double slope) = Threshold(margins);

        // (5)
        tables.Make(_examples, cancellationToken);
        progress?.Invoke(1);
        return new LinearModel(_options.Bits, tables.Weights, tables.Odds, tables.Bias, familiarity, threshold, slope, Spam, Ham);
    }

    // Each kind goes round the parts by itself, so that every part has its share of both whatever order they came in.
    private int[] Parts(int folds)
    {
        int[] parts = new int[_examples.Count];
        int spam = 0, ham = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = (_examples[i].IsSpam ? spam++ : ham++) % folds;
        }

        return parts;
    }

    private void Judge(TrainingTables tables, int[] parts, int fold, double[] margins, float[] form, float[] pairs, CancellationToken cancellationToken)
    {
        tables.Make([.. _examples.Where((_, i) => parts[i] != fold)], cancellationToken);
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i] == fold)
            {
                (margins[i], form[i], pairs[i]) = LinearModel.Judge(_examples[i].Vector, tables.Weights, tables.Odds, tables.Bias);
            }
        }
    }

    // Of one kind, the highest first.
    private double[] Spread(double[] margins, bool isSpam) => [.. margins.Where((_, i) => _examples[i].IsSpam == isSpam).OrderDescending()];

    private (double Threshold, double Slope) Threshold(double[] margins)
    {
        double[] ham = Spread(margins, isSpam: false);
        double[] spam = Spread(margins, isSpam: true);
        double middle = spam[spam.Length / 2];
        double threshold = Math.Max(HamTail.Threshold(ham, middle, _options.HamHits), LeastThreshold);
        SpamCaught = spam.Count(margin => margin >= threshold) / (double)spam.Length;
        HamHit = ham.Count(margin => margin >= threshold) / (double)ham.Length;

        // A spam from the middle of all scores 0.95.
        return (threshold, Math.Log(19) / Math.Max(0.05, middle - threshold));
    }
}
