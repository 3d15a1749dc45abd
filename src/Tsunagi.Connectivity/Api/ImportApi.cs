using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Import;
using Tsunagi.Connectivity.Import.FreeRadius;
using Tsunagi.Connectivity.Import.Kea;
using Tsunagi.Connectivity.Import.Plan;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.Connectivity.Api;

/// <summary>/api/v1/connectivity/import: other systems brought over, with a dry run first.</summary>
internal static class ImportApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var import = api.MapGroup("/import").WithTags("Connectivity").WithMetadata(new Largest());
        import.MapPost("/freeradius", RadiusAsync).Requires(ConnectivityPermissions.ImportWrite).WithName("importFreeRadius")
            .WithSummary("Users, clients and fixed addresses of a FreeRADIUS installation; a dry run without dryRun: false (the provider's operators)");
        import.MapPost("/kea", KeaAsync).Requires(ConnectivityPermissions.ImportWrite).WithName("importKea").WithSummary("Reservations and leases of Kea into the pools they lie in (the provider's operators)");
        import.MapPost("/plan", PlanAsync).Requires(ConnectivityPermissions.ImportWrite).WithName("importPlan").WithSummary("Prefixes of NetBox or phpIPAM (the provider's operators)");
    }

    private static async Task<ApiResult<ImportReport>> RadiusAsync(HttpContext http, RadiusImport import, RadiusImportRequest request, CancellationToken cancellationToken) =>
        await import.RunAsync(http.GetCaller(), request, cancellationToken);

    private static async Task<ApiResult<ImportReport>> KeaAsync(HttpContext http, KeaImport import, KeaImportRequest request, CancellationToken cancellationToken) =>
        await import.RunAsync(http.GetCaller(), request, cancellationToken);

    private static async Task<ApiResult<ImportReport>> PlanAsync(HttpContext http, PlanImport import, PlanImportRequest request, CancellationToken cancellationToken) =>
        await import.RunAsync(http.GetCaller(), request, cancellationToken);

    /// <summary>Files of a whole provider fit into one request.</summary>
    private sealed class Largest : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => 256L * 1024 * 1024;
    }
}
