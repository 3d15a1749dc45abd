using System.Text.Json.Nodes;

namespace Tsunagi.Tests.BackOffice.Reports;

/// <summary>What a provider published, read by path; an exact figure is right when it lies in the interval that the printed precision allows.</summary>
internal static class PublishedFigures
{
    public const string File = "/work/shared/data/backoffice/deck-figures.json";
    public const decimal Billion = 1_000_000_000, Million = 1_000_000;

    public static bool IsThere => System.IO.File.Exists(File);

    public static JsonNode Read() => JsonNode.Parse(System.IO.File.ReadAllText(File))!;

    /// <param name="printed">The figure as it was printed.</param>
    /// <param name="step">The worth of its last printed digit, in its own unit.</param>
    public static void Rounds(decimal printed, decimal? exact, decimal unit, decimal step, string what)
    {
        Assert.True(exact is not null, what + ": there is no figure");
        var difference = Math.Abs((exact!.Value / unit) - printed);
        Assert.True(difference <= step / 2, $"{what}: {exact} prints as {decimal.Round(exact.Value / unit, 1, MidpointRounding.AwayFromZero)}, published is {printed}");
    }
}
