namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Odds from those examples alone that the odds so far get wrong or nearly wrong (train on or near error: Siefkes, Assis, Chhabra and Yerazunis, "Combining Winnow and Orthogonal Sparse
/// Bigrams for Incremental Spam Filtering", PKDD 2004). What is easy is learned once and not over and over, so that a campaign of a hundred copies does not speak louder than a
/// hundred different messages. Which examples are learned depends on their order: there are several rounds, each in another, and what a feature is worth is the mean of
/// them. The same examples in the same order give the same odds.
/// </summary>
internal sealed class ErrorRounds
{
    private const int Rounds = 3, Passes = 3;

    // How far on the right side a message must lie to be left away.
    private const double Thickness = 0.5;

    // How many learned examples of spam a feature stands in, and in the upper half how many of the other kind: one look finds both.
    private readonly uint[] _in;
    private readonly short[] _sums;
    private readonly int _shift;
    private int _spam;
    private int _ham;

    /// <param name="bits">Bits of the table of odds.</param>
    public ErrorRounds(int bits) => (_in, _sums, _shift) = (new uint[1 << bits], new short[1 << bits], FeatureVector.Bits - bits);

    /// <summary>What a place's odds are in the mean of the rounds, in steps of <see cref="TokenOdds.Unit"/>.</summary>
    public double MeanOf(int place) => (double)_sums[place] / Rounds;

    /// <summary>Learns from examples; what was learned before is forgotten.</summary>
    public void Learn(IReadOnlyList<(FeatureVector Vector, bool IsSpam)> examples, CancellationToken cancellationToken)
    {
        Array.Clear(_sums);
        int[] order = new int[examples.Count];
        bool[] learned = new bool[examples.Count];
        ulong state = 0xD1B54A32D192ED03UL;
        for (int round = 0; round < Rounds; round++)
        {
            (_spam, _ham) = (0, 0);
            Array.Clear(_in);
            Array.Clear(learned);
            for (int pass = 0; pass < Passes; pass++)
            {
                for (int i = 0; i < order.Length; i++)
                {
                    order[i] = i;
                }

                DualAscent.Shuffle(order, ref state);
                if (!Pass(examples, order, learned, cancellationToken))
                {
                    break;
                }
            }

            for (int place = 0; place < _sums.Length; place++)
            {
                _sums[place] += _in[place] == 0 ? (short)0 : TokenOdds.Of((ushort)_in[place], (int)(_in[place] >> 16), Math.Max(1, _spam), Math.Max(1, _ham));
            }
        }
    }

    // False when there was nothing left to learn.
    private bool Pass(IReadOnlyList<(FeatureVector Vector, bool IsSpam)> examples, int[] order, bool[] learned, CancellationToken cancellationToken)
    {
        bool any = false;
        foreach (int i in order)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (FeatureVector vector, bool isSpam) = examples[i];
            if (learned[i] || (isSpam ? 1 : -1) * OddsOf(vector) >= Thickness)
            {
                continue;
            }

            any = learned[i] = true;
            (_spam, _ham) = isSpam ? (_spam + 1, _ham) : (_spam, _ham + 1);
            (uint one, uint all) = isSpam ? (1u, 0xFFFFu) : (0x10000u, 0xFFFF0000u);
            foreach (uint feature in vector.All)
            {
                ref uint count = ref _in[feature >> _shift];
                count += (count & all) == all ? 0 : one;
            }
        }

        return any;
    }

    private double OddsOf(FeatureVector vector)
    {
        var strongest = new StrongestOdds(stackalloc float[StrongestOdds.Room]);
        (int spam, int ham) = (Math.Max(1, _spam), Math.Max(1, _ham));
        for (int group = 0; group < MessageTokens.Groups; group++)
        {
            foreach (uint feature in vector.Of(group))
            {
                uint count = _in[feature >> _shift];
                if (count != 0)
                {
                    strongest.Add(group, (float)TokenOdds.Exact((ushort)count, (int)(count >> 16), spam, ham));
                }
            }
        }

        return strongest.Sum();
    }
}
