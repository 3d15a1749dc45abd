using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Tsunagi.Ui.Forms;

/// <summary>A sentence that the next page shows once, carried by a cookie of half a minute.</summary>
internal sealed record Flash(string Text, bool Bad)
{
    private const string Cookie = "tsunagi.flash";
    private const int LongestText = 600;

    public static void Set(HttpContext http, string text, bool bad)
    {
        var flash = new Flash(text.Length > LongestText ? text[..LongestText] : text, bad);
        http.Response.Cookies.Append(Cookie, WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(flash)), Options(http));
    }

    /// <summary>Takes the sentence out, so it is shown once.</summary>
    public static Flash? Take(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 } value || http.Response.HasStarted)
        {
            return null;
        }

        http.Response.Cookies.Delete(Cookie, Options(http));
        try
        {
            return JsonSerializer.Deserialize<Flash>(Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(value)));
        }
        catch (Exception notOurs) when (notOurs is FormatException or JsonException)
        {
            return null;
        }
    }

    private static CookieOptions Options(HttpContext http) => new()
    {
        Path = "/", HttpOnly = true, SameSite = SameSiteMode.Lax, MaxAge = TimeSpan.FromSeconds(30), Secure = http.Request.IsHttps, IsEssential = true,
    };
}
