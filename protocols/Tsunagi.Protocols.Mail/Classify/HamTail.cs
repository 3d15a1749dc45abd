namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Where a wanted share of good mail lies above a threshold, told from margins of messages that the judging model did not know. The highest margins alone would say it by one or two
/// messages and by chance; the highest fiftieth says how fast the margins thin out (excesses over a high threshold are about exponential: Pickands, Annals of Statistics 3, 1975).
/// What a thousand messages say of their highest three is mostly chance, so it is drawn towards where the threshold usually lies, the more the fewer they are.
/// </summary>
internal static class HamTail
{
    private const int Fewest = 10;
    private const double Share = 0.02;

    // None at all cannot be promised: so many are taken as the least that can be told.
    private const double LeastHits = 0.1;

    // Usually three of a thousand are above so much of the way to the middle of the spam (on halves of the public corpus: 0.04 to 0.25); it is worth what that many messages say.
    private const double UsualPart = 0.11, UsualHits = 0.003, UsualWorth = 3_000;

    /// <summary>The threshold.</summary>
    /// <param name="descending">Margins of good mail, the highest first; at least one.</param>
    /// <param name="middle">The margin of a spam from the middle of all.</param>
    /// <param name="hits">Share of the good mail that may be above.</param>
    public static double Threshold(ReadOnlySpan<double> descending, double middle, double hits)
    {
        int tail = Math.Min(Math.Max(Fewest, (int)(descending.Length * Share)), descending.Length - 1);
        double wanted = Math.Max(hits * descending.Length, LeastHits);
        if (tail == 0)
        {
            return Math.Max(descending[0], UsualPart * middle);
        }

        if (wanted >= tail)
        {
            int at = Math.Min((int)wanted, descending.Length - 1);
            return (descending[at - 1] + descending[at]) / 2;
        }

        double excess = 0;
        foreach (double margin in descending[..tail])
        {
            excess += (margin - descending[tail]) / tail;
        }

        double told = descending[tail] + (excess * Math.Log(tail / wanted));
        double usual = (UsualPart * middle) + (excess * Math.Log(UsualHits * descending.Length / wanted));
        return ((told * descending.Length) + (usual * UsualWorth)) / (descending.Length + UsualWorth);
    }
}
