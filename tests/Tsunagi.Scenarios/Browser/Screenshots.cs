using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Puts pictures of pages under artifacts/screenshots, each within a budget of bytes.</summary>
public static class Screenshots
{
    /// <summary>A larger picture is a page that is too long to be looked at.</summary>
    public const int MostBytes = 900_000;

    private const int MostCaptures = 15;

    public static string Folder { get; } = Path.Combine(Root(), "artifacts", "screenshots");

    public static async Task<string> TakeAsync(IPage page, string name, Variant variant)
    {
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, $"{name}.{variant.Name}.jpg");
        var options = new PageScreenshotOptions { Path = path, FullPage = true, Type = ScreenshotType.Jpeg, Quality = 85, Animations = ScreenshotAnimations.Disabled };
        var bytes = await CaptureAsync(page, options);
        Assert.True(bytes.Length <= MostBytes, $"{path} has {bytes.Length} bytes, allowed are {MostBytes}");
        return path;
    }

    /// <summary>The browser has no frame to copy of a page that it has had no processor to draw: it is asked again, and the page is none the worse.</summary>
    private static async Task<byte[]> CaptureAsync(IPage page, PageScreenshotOptions options)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await page.ScreenshotAsync(options);
            }
            catch (PlaywrightException failed) when (attempt < MostCaptures && failed.Message.Contains("Unable to capture screenshot", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private static string Root()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Tsunagi.slnx")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
