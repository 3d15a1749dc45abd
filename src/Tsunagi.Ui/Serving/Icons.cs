using System.Collections.Frozen;

namespace Tsunagi.Ui.Serving;

/// <summary>The shapes of the icons named in assets/icons.txt, read once.</summary>
internal static class Icons
{
    private static readonly FrozenDictionary<string, string> Shapes = Load();

    /// <summary>The shapes of an icon, or of a plain point when the name is not in the list.</summary>
    public static string ShapesOf(string name) => Shapes.TryGetValue(name, out var shapes) ? shapes : Shapes["point"];

    public static bool Has(string name) => Shapes.ContainsKey(name);

    public static IReadOnlyCollection<string> Names => Shapes.Keys;

    private static FrozenDictionary<string, string> Load() =>
        UiAssets.ReadText("icons.txt")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split('\t'))
            .ToFrozenDictionary(static parts => parts[0], static parts => parts[1]);
}
