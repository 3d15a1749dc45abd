using Microsoft.AspNetCore.Http;

namespace Tsunagi.Mail.Content;

/// <summary>The whole message as a file to keep: never shown by a browser, whatever it holds.</summary>
internal sealed class RawContent(OpenedContent content) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "message/rfc822";
        response.ContentLength = content.Bytes.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"{content.Message}.eml\"";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        await response.Body.WriteAsync(content.Bytes, httpContext.RequestAborted);
    }
}
