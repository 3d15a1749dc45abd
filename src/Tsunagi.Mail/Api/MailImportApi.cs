using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Mail.Import;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/import: another mail server's set-up brought over, with a dry run first.</summary>
internal static class MailImportApi
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("/import/postfix", PostfixAsync).Requires(MailPermissions.ImportWrite).WithMetadata(new Largest()).WithTags("Mail").WithName("importPostfix")
            .WithSummary("Domains, next hops and recipients of a Postfix, keys of its OpenDKIM and senders of its Rspamd into a subscription; a dry run without dryRun: false (the provider's operators)");

    private static async Task<ApiResult<MailImportReport>> PostfixAsync(HttpContext http, MailImport import, MailImportRequest request, CancellationToken cancellationToken) =>
        await import.RunAsync(http.GetCaller(), request, cancellationToken);

    /// <summary>Files of a whole provider fit into one request.</summary>
    private sealed class Largest : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => 128L * 1024 * 1024;
    }
}
