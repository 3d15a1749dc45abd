using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Host.Console;

/// <summary>Language and theme: the reader's own choice, kept by the browser for a year.</summary>
internal static class Preferences
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapOpenAct("/console/preferences", Set);

    private static ValueTask<ActResult> Set(Act act)
    {
        Keep(act, ConsoleView.LanguageCookie, act.Text("lang"), ["en", "ja"]);
        Keep(act, ConsoleView.ThemeCookie, act.Text("theme"), ["light", "dark", "auto"]);
        return ValueTask.FromResult(act.Done(act.Text("return", 2000) ?? "/console"));
    }

    private static void Keep(Act act, string cookie, string? value, ReadOnlySpan<string> allowed)
    {
        if (value is not null && allowed.Contains(value))
        {
            act.Http.Response.Cookies.Append(cookie, value, new CookieOptions { MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, Path = "/", Secure = act.Http.Request.IsHttps });
        }
    }
}
