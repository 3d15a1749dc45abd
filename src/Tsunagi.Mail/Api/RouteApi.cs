using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Mail.Routes;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/routes: where mail for a domain would go.</summary>
internal static class RouteApi
{
    public static void Map(RouteGroupBuilder api) => api.MapGroup("/routes").WithTags("Mail").MapGet("/{mailDomain}", FindAsync).Requires(MailPermissions.QueueRead).WithName("getMailRoute")
        .WithSummary("Where mail for a domain would go now and what TLS it would need: mail servers, MTA-STS, TLSA records. Looked up anew; nothing is sent");

    private static async Task<ApiResult<MailRouteView>> FindAsync(
        HttpContext http, RouteDesk desk, [MaxLength(320), Description("A domain, or an address of it.")] string mailDomain, [Description("Each server is spoken to, as far as EHLO under TLS (the provider's operators only).")] bool? ask, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        var found = await desk.FindAsync(caller, mailDomain, ask ?? false, caller.Locale, cancellationToken);
        return found.Ok ? found.Value : found.Refusal;
    }
}
