namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// How much of a message each group of its features is. A message is a vector of length one: a feature of a group with weight g and n features is worth
/// g / √n, divided by the length of the whole. So a long text counts as much as a short one, and features no model knows take away from those it knows.
/// </summary>
internal readonly struct GroupWeights
{
    // Form, Names, Subject, Words, Pairs, Route, Markup, Order, Quoted, Links, FormPairs (which have odds alone): half as much or twice as much of one moves the result by less than halves of a corpus differ, but
    // for words, of which there must be enough, and for markup, of which there must not be too much.
    private static readonly float[] OfModel = [0.5f, 0.7f, 0.5f, 2f, 1f, 0.3f, 0.4f, 0.5f, 0.3f, 0.5f, 0f];

    // A tenant's word is about this sender and this text, not about everything that is made alike.
    private static readonly float[] OfTenant = [0.3f, 1f, 1f, 1f, 1f, 0.3f, 0.3f, 0.1f, 0.3f, 1f, 0f];

    private readonly float[] _weights;

    private GroupWeights(float[] weights) => _weights = weights;

    public static GroupWeights Shared { get; } = new(OfModel);

    public static GroupWeights Tenant { get; } = new(OfTenant);

    /// <summary>Gives the value of a feature of each group.</summary>
    public void Values(FeatureVector vector, Span<float> values)
    {
        Span<int> counts = stackalloc int[MessageTokens.Groups];
        for (int group = 0; group < counts.Length; group++)
        {
            counts[group] = vector.Of(group).Length;
        }

        Values(counts, values);
    }

    /// <summary>As for a vector, of a message that was read.</summary>
    public void Values(MessageTokens tokens, Span<float> values)
    {
        Span<int> counts = stackalloc int[MessageTokens.Groups];
        for (int group = 0; group < counts.Length; group++)
        {
            counts[group] = tokens.Of((FeatureGroup)group).Length;
        }

        Values(counts, values);
    }

    private void Values(ReadOnlySpan<int> counts, Span<float> values)
    {
        float length = 0;
        for (int group = 0; group < counts.Length; group++)
        {
            length += counts[group] > 0 ? _weights[group] * _weights[group] : 0;
        }

        for (int group = 0; group < counts.Length; group++)
        {
            values[group] = counts[group] > 0 ? _weights[group] / MathF.Sqrt(counts[group] * length) : 0;
        }
    }
}
