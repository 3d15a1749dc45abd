[assembly: AssemblyFixture(typeof(Tsunagi.Scenarios.Browser.SharedChromium))]

namespace Tsunagi.Scenarios.Browser;

/// <summary>Ends the browser when the last test has run.</summary>
public sealed class SharedChromium : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Chromium.EndSharedAsync();
}
