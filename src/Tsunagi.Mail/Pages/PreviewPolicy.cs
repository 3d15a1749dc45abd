using Microsoft.AspNetCore.Http;

namespace Tsunagi.Mail.Pages;

/// <summary>
/// What a browser may do on a page that shows a stranger's words: less than elsewhere in the console. Only our own files, no picture from a data address, no frame in or
/// out. The words are encoded text in any case; this is the wall behind it.
/// </summary>
internal static class PreviewPolicy
{
    public static void Apply(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'none'; object-src 'none'";
        headers["X-Robots-Tag"] = "noindex, nofollow";
    }
}
