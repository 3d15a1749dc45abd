namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// How much more often a feature stands in spam than in other mail, as the logarithm of the odds (naive Bayes with the prior of Robinson, "A Statistical Approach to the Spam
/// Problem", Linux Journal 107, 2003).
/// </summary>
internal static class TokenOdds
{
    // A feature that was never seen is worth nothing, one seen once a lot, one seen often with the same kind still more.
    private const double Prior = 0.005;

    /// <summary>What a step of a kept value is.</summary>
    public const float Unit = 0.1f;

    /// <summary>The kept value of a feature that was seen and stands on neither side; 0 is one that was never seen.</summary>
    public const sbyte Neutral = sbyte.MinValue;

    /// <summary>How many bits more than the weights' table the odds' has: what was seen once counts here, so a feature must not be taken for another one.</summary>
    public const int MoreBits = 2;

    /// <summary>Bits of the odds' table beside weights of so many.</summary>
    public static int Bits(int ofWeights) => Math.Min(FeatureVector.Bits, ofWeights + MoreBits);

    /// <summary>Above 0 for spam, in steps of <see cref="Unit"/>; 0 for a feature never seen.</summary>
    /// <param name="inSpam">Spam messages it stands in.</param>
    /// <param name="inHam">Other messages it stands in.</param>
    /// <param name="spam">Spam messages there are.</param>
    /// <param name="ham">Other messages there are.</param>
    public static sbyte Of(int inSpam, int inHam, int spam, int ham) =>
        inSpam + inHam == 0 ? (sbyte)0 : (sbyte)Math.Clamp(Math.Round(Exact(inSpam, inHam, spam, ham) / Unit), -sbyte.MaxValue, sbyte.MaxValue);

    /// <summary>The odds of a kept value.</summary>
    public static float ValueOf(sbyte steps) => steps == Neutral ? 0 : steps * Unit;

    /// <summary>The mean of two odds in steps, of a feature that was seen.</summary>
    public static sbyte Mean(sbyte one, double other)
    {
        sbyte mean = (sbyte)Math.Clamp(Math.Round((one + other) / 2), -sbyte.MaxValue, sbyte.MaxValue);
        return mean == 0 ? Neutral : mean;
    }

    /// <summary>The odds of a feature that was seen, not rounded.</summary>
    public static double Exact(int inSpam, int inHam, int spam, int ham)
    {
        int seen = inSpam + inHam;
        double ofSpam = (double)inSpam / spam;
        double ofHam = (double)inHam / ham;
        double share = ((0.5 * Prior) + (seen * ofSpam / (ofSpam + ofHam))) / (Prior + seen);
        return Math.Log(share / (1 - share));
    }
}
