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
