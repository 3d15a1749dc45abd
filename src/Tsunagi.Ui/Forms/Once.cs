using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Tsunagi.Ui.Forms;

/// <summary>
/// Something a page shows once after an act: a token's secret, a one-time link, an authenticator's secret. It travels in an encrypted cookie of a
/// few minutes, and is kept nowhere else.
/// </summary>
public static class Once
{
    private const string Purpose = "tsunagi.once";

    public static void Set<T>(HttpContext http, string name, T value, string path)
    {
        var box = Protector(http).Protect(JsonSerializer.SerializeToUtf8Bytes(value));
        http.Response.Cookies.Append(CookieOf(name), Convert.ToBase64String(box), Options(http, path));
    }

    /// <summary>What was set, or null when it is gone, too old, or not ours.</summary>
    public static T? Read<T>(HttpContext http, string name)
        where T : class
    {
        if (http.Request.Cookies[CookieOf(name)] is not { Length: > 0 } value)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(Protector(http).Unprotect(Convert.FromBase64String(value)));
        }
        catch (Exception notOurs) when (notOurs is FormatException or CryptographicException or JsonException)
        {
            return null;
        }
    }

    public static void Clear(HttpContext http, string name, string path)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.Cookies.Delete(CookieOf(name), Options(http, path));
        }
    }

    private static string CookieOf(string name) => "tsunagi." + name;

    private static IDataProtector Protector(HttpContext http) => http.RequestServices.GetRequiredService<IDataProtectionProvider>().CreateProtector(Purpose);

    private static CookieOptions Options(HttpContext http, string path) =>
        new() { Path = path, HttpOnly = true, Secure = http.Request.IsHttps, SameSite = SameSiteMode.Strict, MaxAge = TimeSpan.FromMinutes(10), IsEssential = true };
}
