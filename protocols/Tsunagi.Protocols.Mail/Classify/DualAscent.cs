namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Finds the linear model that parts two classes with the widest margin (a support vector machine with squared loss), one example at a time in turns (dual
/// coordinate descent, Hsieh et al., ICML 2008). An example may bring a margin of its own from elsewhere, over which the model is then a correction. The same
/// examples in the same order give the same model.
/// </summary>
internal sealed class DualAscent
{
    private const int Turns = 40;
    private const double Near = 1e-4;
    private const double Far = 0.01;
    private readonly double _bias;
    private readonly double _cost;

    /// <param name="bias">Value of a feature that every example has; 0 for none.</param>
    /// <param name="cost">How much a violated margin costs against the model's size.</param>
    public DualAscent(double bias, double cost) => (_bias, _cost) = (bias, cost);

    /// <summary>The bias found, as it is added to a score.</summary>
    public double Bias { get; private set; }

    /// <summary>Trains.</summary>
    /// <param name="examples">Features as places in <paramref name="weights"/>, and the value of each group's.</param>
    /// <param name="given">The margin each example has from elsewhere; null for none.</param>
    /// <param name="weights">Zeros; takes the model.</param>
    /// <param name="cancellationToken">Ends the work between two turns.</param>
    public void Train(ReadOnlySpan<Example> examples, double[]? given, float[] weights, CancellationToken cancellationToken)
    {
        double[] alpha = new double[examples.Length];
        double[] size = new double[examples.Length];
        int[] order = new int[examples.Length];
        for (int i = 0; i < examples.Length; i++)
        {
            size[i] = examples[i].Size + (_bias * _bias) + (0.5 / _cost);
            order[i] = i;
        }

        Bias = 0;
        ulong state = 0x9E3779B97F4A7C15UL;
        for (int turn = 0; turn < Turns; turn++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Shuffle(order, ref state);
            double worst = 0;
            foreach (int i in order)
            {
                ref readonly Example example = ref examples[i];
                double sign = example.IsSpam ? 1 : -1;
                double margin = example.Dot(weights) + Bias + (given?[i] ?? 0);
                double gradient = (sign * margin) - 1 + (0.5 / _cost * alpha[i]);
                double step = alpha[i] == 0 ? Math.Min(gradient, 0) : gradient;
                worst = Math.Max(worst, Math.Abs(step));
                if (Math.Abs(step) < Near)
                {
                    continue;
                }

                double before = alpha[i];
                alpha[i] = Math.Max(0, before - (gradient / size[i]));
                double change = (alpha[i] - before) * sign;
                example.AddTo(weights, (float)change);
                Bias += change * _bias * _bias;
            }

            if (worst < Far)
            {
                return;
            }
        }
    }

    // Fisher and Yates with a generator of its own (xorshift): a model must not depend on the program's.
    internal static void Shuffle(int[] order, ref ulong state)
    {
        for (int i = order.Length - 1; i > 0; i--)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            int other = (int)(state % (ulong)(i + 1));
            (order[i], order[other]) = (order[other], order[i]);
        }
    }

    /// <summary>One example: places of weights, group by group.</summary>
    internal readonly struct Example
    {
        private readonly int[] _places;
        private readonly int[] _ends;
        private readonly float[] _values;

        public Example(int[] places, int[] ends, float[] values, bool isSpam)
        {
            (_places, _ends, _values, IsSpam) = (places, ends, values, isSpam);
            for (int group = 0, from = 0; group < ends.Length; from = ends[group++])
            {
                Size += (ends[group] - from) * (double)values[group] * values[group];
            }
        }

        public bool IsSpam { get; }

        /// <summary>The square of its length.</summary>
        public double Size { get; }

        public double Dot(float[] weights)
        {
            double all = 0;
            for (int group = 0, at = 0; group < _ends.Length; group++)
            {
                float sum = 0;
                for (; at < _ends[group]; at++)
                {
                    sum += weights[_places[at]];
                }

                all += sum * _values[group];
            }

            return all;
        }

        public void AddTo(float[] weights, float change)
        {
            for (int group = 0, at = 0; group < _ends.Length; group++)
            {
                float step = change * _values[group];
                for (; at < _ends[group]; at++)
                {
                    weights[_places[at]] += step;
                }
            }
        }
    }
}
