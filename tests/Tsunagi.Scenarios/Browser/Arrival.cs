using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>
/// Waits until a page has come to an address and is read whole. Both are asked of the page again and again: Playwright's own wait for an address looks at the
/// states it was told and only then listens for more, and a page that loads between the two is waited for until the time is up.
/// </summary>
public static class Arrival
{
    private const float WithinMilliseconds = 30_000;
    private const int MostVisits = 5;

    /// <summary>What a browser says of a request that it gave up because an interface of this machine came or went: other tests make some.</summary>
    internal const string NetworkChanged = "ERR_NETWORK_CHANGED";

    /// <summary>Goes to an address, again when the machine's network changed on the way.</summary>
    public static async Task<IResponse?> VisitAsync(this IPage page, string address, PageGotoOptions? options = null)
    {
        for (var visit = 1; ; visit++)
        {
            try
            {
#pragma warning disable RS0030 // The one place.
                return await page.GotoAsync(address, options);
#pragma warning restore RS0030
            }
            catch (PlaywrightException failed) when (visit < MostVisits && failed.Message.Contains(NetworkChanged, StringComparison.Ordinal))
            {
                // Nothing was answered: it is a request like the first.
            }
        }
    }

    /// <param name="page">The page that is on its way.</param>
    /// <param name="address">Where to: ** stands for anything, * for anything without a slash.</param>
    public static Task ArriveAsync(this IPage page, string address) => page.ArriveAsync(Pattern(address));

    public static async Task ArriveAsync(this IPage page, Regex address)
    {
        await Assertions.Expect(page).ToHaveURLAsync(address, new() { Timeout = WithinMilliseconds });
        await page.WaitForFunctionAsync("() => document.readyState === 'complete'", null, new() { Timeout = WithinMilliseconds });
    }

    private static Regex Pattern(string address)
    {
        var pattern = new StringBuilder("^");
        foreach (var part in Regex.Split(address, @"(\*\*|\*)"))
        {
            pattern.Append(part switch { "**" => ".*", "*" => "[^/]*", _ => Regex.Escape(part) });
        }

        return new Regex(pattern.Append('$').ToString());
    }
}
