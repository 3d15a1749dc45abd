using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>One of the three ways each page is looked at.</summary>
public sealed record Variant(string Name, string Language, string Theme, int Width, int Height)
{
    public static IReadOnlyList<Variant> All { get; } =
    [
        new("en-light-desktop", "en", "light", 1440, 900),
        new("ja-dark-desktop", "ja", "dark", 1440, 900),
        new("en-light-phone", "en", "light", 390, 844),
    ];

    public BrowserNewContextOptions ContextOptions => new()
    {
        ViewportSize = new ViewportSize { Width = Width, Height = Height },
        DeviceScaleFactor = Width < 500 ? 2 : 1,
        Locale = Language == "ja" ? "ja-JP" : "en-GB",
        TimezoneId = "Asia/Tokyo",
        ColorScheme = Theme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
        ReducedMotion = ReducedMotion.Reduce,
    };

    public IEnumerable<Cookie> CookiesFor(string address) =>
    [
        new() { Name = "tsunagi.lang", Value = Language, Url = address },
        new() { Name = "tsunagi.theme", Value = Theme, Url = address },
        new() { Name = "tsunagi.zone", Value = "Asia/Tokyo", Url = address },
    ];
}
