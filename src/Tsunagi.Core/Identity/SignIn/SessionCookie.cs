using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>
/// The cookie of a session: the browser alone reads it (HttpOnly), other sites cannot send it along with a form (SameSite=Lax), and over HTTPS no other
/// host or path can set it (the <c>__Host-</c> prefix).
/// </summary>
public static class SessionCookie
{
    private const string Plain = "tsunagi";
    private const string Secure = "__Host-tsunagi";

    public static string? Read(HttpContext context) => context.Request.Cookies[NameOf(context)];

    public static void Set(HttpContext context, NewSession session) => context.Response.Cookies.Append(
        NameOf(context), session.Token, Options(context, UnixMicros.ToDateTimeOffset(session.Session.ExpiresAt)));

    public static void Clear(HttpContext context) => context.Response.Cookies.Delete(NameOf(context), Options(context, expires: null));

    private static string NameOf(HttpContext context) => context.Request.IsHttps ? Secure : Plain;

    private static CookieOptions Options(HttpContext context, DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        Path = "/",
        IsEssential = true,
        Expires = expires,
    };
}
