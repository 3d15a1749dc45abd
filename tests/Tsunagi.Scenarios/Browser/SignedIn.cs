using Microsoft.Playwright;
using Tsunagi.Tests.Host;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Contexts of the browser in which somebody is signed in already. That people can sign in is shown by <see cref="Sign_in"/> and by the demo's scenarios.</summary>
internal static class SignedIn
{
    /// <summary>As the operator of a node.</summary>
    public static Task<IBrowserContext> OpenAsync(Chromium chromium, TestNode node, Variant variant) => OpenAsync(chromium, node.Url, variant, node.Operator.Session);

    /// <summary>As another user, who has the tests' password.</summary>
    public static async Task<IBrowserContext> OpenAsync(Chromium chromium, TestNode node, Variant variant, string email)
    {
        using var api = new TestApi(node.Url);
        await api.PostAsync("/session", new { email, password = TestNode.Password });
        return await OpenAsync(chromium, node.Url, variant, api.Session);
    }

    private static async Task<IBrowserContext> OpenAsync(Chromium chromium, string url, Variant variant, string session)
    {
        var context = await chromium.Browser.NewContextAsync(variant.ContextOptions);
        await context.AddCookiesAsync(variant.CookiesFor(url).Append(new Cookie { Name = "tsunagi", Value = session, Url = url }));
        return context;
    }
}
