using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>
/// The browser of a run: Debian's chromium without its window (the same engine at a fraction of the CPU), driven by Playwright. Started by the first class that asks, ended by
/// <see cref="SharedChromium"/>; tests keep apart by contexts. Absent, its tests are skipped with the reason.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium-headless-shell";
    private static readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> Shared = new(StartAsync);

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (File.Exists(Executable))
        {
            Browser = (await Shared.Value).Browser;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static async ValueTask EndSharedAsync()
    {
        if (Shared is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            var (playwright, browser) = await Shared.Value;
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }

    private static async Task<(IPlaywright Playwright, IBrowser Browser)> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none", "--disable-background-networking"],
        }));
    }

    public void Require() => Assert.SkipWhen(Browser is null, $"{Executable} is absent: apt-get install chromium-headless-shell fonts-noto-cjk");
}
