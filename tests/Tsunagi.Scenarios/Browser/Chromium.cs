using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>
/// One browser for a class of tests: Debian's chromium without its window (the same engine at a fraction of the CPU), driven by Playwright. Absent, its
/// tests are skipped with the reason.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium-headless-shell";
    private IPlaywright? _playwright;

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable))
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none", "--disable-background-networking"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    public void Require() => Assert.SkipWhen(Browser is null, $"{Executable} is absent: apt-get install chromium-headless-shell fonts-noto-cjk");
}
