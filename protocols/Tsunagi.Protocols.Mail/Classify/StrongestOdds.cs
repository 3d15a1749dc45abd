using System.Diagnostics.CodeAnalysis;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// The mean of the features that speak most for spam and of as many that speak most against it, in each of five views of a message. Looking at the strongest alone keeps long
/// messages from drowning what they say, as many of one side as of the other keep what speaks against from being shouted down, and views keep a header full of signs from deciding
/// alone (Yerazunis, "The Spam-Filtering Accuracy Plateau at 99.9%", MIT Spam Conference 2004, and Graham's fifteen tokens).
/// </summary>
internal ref struct StrongestOdds
{
    private const int Views = 5;
    private const double AllQuarters = 19;

    /// <summary>Room that is needed.</summary>
    public const int Room = 2 * (15 + 7 + 10 + 15 + 10);

    // How a message is made, who speaks and where it leads, what it says in single words and in pairs, and
    // which signs of form come together.
    private static ReadOnlySpan<byte> ViewOf => [0, 1, 2, 2, 3, 1, 0, 0, 3, 1, 4];

    private static ReadOnlySpan<byte> Most => [15, 7, 10, 15, 10];

    // How much a view counts, in quarters. Who speaks and what is said are harder to imitate than how a message is made.
    private static ReadOnlySpan<byte> Quarters => [2, 6, 5, 4, 2];

    private static ReadOnlySpan<byte> Start => [0, 30, 44, 64, 94];

    private readonly Span<float> _strongest;
    private Counts _counts;

    public StrongestOdds(Span<float> room) => _strongest = room[..Room];

    /// <summary>Takes a feature.</summary>
    public void Add(int group, float odds)
    {
        if (odds == 0)
        {
            return;
        }

        int view = ViewOf[group];
        int most = Most[view];
        int side = odds > 0 ? 0 : 1;
        Span<float> list = _strongest.Slice(Start[view] + (side * most), most);
        ref int count = ref _counts[(2 * view) + side];
        float size = Math.Abs(odds);
        if (count == most && size <= list[most - 1])
        {
            return;
        }

        int at = count < most ? count++ : most - 1;
        for (; at > 0 && list[at - 1] < size; at--)
        {
            list[at] = list[at - 1];
        }

        list[at] = size;
    }

    /// <summary>The sum of the views; above 0 for spam.</summary>
    public readonly double Sum()
    {
        double all = 0;
        for (int view = 0; view < Views; view++)
        {
            all += ShareOf(view) * (Total(view, 0) - Total(view, 1));
        }

        return all;
    }

    /// <summary>What one feature adds to <see cref="Sum"/>: nothing when stronger ones were there.</summary>
    public readonly double PartOf(int group, float odds)
    {
        int view = ViewOf[group];
        int side = odds > 0 ? 0 : 1;
        int count = _counts[(2 * view) + side];
        return odds != 0 && count > 0 && Math.Abs(odds) >= _strongest[Start[view] + (side * Most[view]) + count - 1] ? odds * ShareOf(view) : 0;
    }

    // A little more than there are, so that one sign alone is not taken for all.
    private static double ShareOf(int view) => Quarters[view] / AllQuarters / ((2 * Most[view]) + 5);

    private readonly double Total(int view, int side)
    {
        double sum = 0;
        foreach (float one in _strongest.Slice(Start[view] + (side * Most[view]), _counts[(2 * view) + side]))
        {
            sum += one;
        }

        return sum;
    }

    [System.Runtime.CompilerServices.InlineArray(2 * Views)]
    [SuppressMessage("Style", "IDE0044", Justification = "an inline array")]
    private struct Counts
    {
        private int _first;
    }
}
