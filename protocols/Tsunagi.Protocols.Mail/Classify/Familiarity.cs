using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// How much of the way a message is made its model has seen before. A model speaks of mail like its examples; what is made in a manner that none of them is made in, as mail of another
/// decade or of a program nobody trained with, it must not call spam for what it happens to share with spam. So a price is taken from the margin of a message that knows fewer
/// signs of form, and fewer pairs of them, than nearly all examples did when they were judged by a model that did not know them.
/// </summary>
/// <param name="Form">Share of known signs of form below which a message is strange.</param>
/// <param name="Pairs">The same of two signs together.</param>
/// <param name="Price">What a message without any known sign loses of its margin, for each of the two.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Familiarity(float Form, float Pairs, double Price)
{
    // One of fifty examples is stranger; a message that knows a third fewer signs than that one needs the margin of a spam from the middle of all to come out at the threshold.
    private const double Strange = 0.02, PriceOfMiddle = 3;

    /// <summary>Told from the shares of all examples, each by a model that did not know it, and the margin of a spam from the middle of all.</summary>
    public static Familiarity Of(ReadOnlySpan<float> form, ReadOnlySpan<float> pairs, double middle) => new(Low(form), Low(pairs), PriceOfMiddle * Math.Max(0, middle));

    /// <summary>Share of known features; one more is taken for known, so that few say little.</summary>
    public static float ShareOf(int known, int all) => (known + 1f) / (all + 1f);

    /// <summary>What a message loses of its margin.</summary>
    public double PriceOf(float form, float pairs) => Price * (Missing(form, Form) + Missing(pairs, Pairs));

    private static double Missing(float share, float usual) => usual > 0 ? Math.Max(0, 1 - (share / usual)) : 0;

    private static float Low(ReadOnlySpan<float> shares)
    {
        float[] sorted = shares.ToArray();
        Array.Sort(sorted);
        return sorted.Length == 0 ? 0 : sorted[(int)(Strange * sorted.Length)];
    }
}
