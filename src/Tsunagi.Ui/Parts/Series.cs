namespace Tsunagi.Ui.Parts;

/// <summary>One line of a <see cref="TimeSeries"/>: a value (or null: no reading) for each moment of the chart.</summary>
/// <param name="Colour">1–6: the palette's colours, in the order they should be used.</param>
public sealed record Series(string Label, IReadOnlyList<double?> Values, int Colour = 1, string? LiveKey = null);

/// <summary>What a chart's figures count, so that its axis and cursor write them well.</summary>
public enum SeriesUnit
{
    Count,
    Bytes,
    BitsPerSecond,
    Seconds,
    Percent,
}
