using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Bank.Import;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/bank-imports: a bank's file against what is open.</summary>
internal static class BankImportApi
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("/bank-imports", ImportAsync).Requires(BackOfficePermissions.PaymentWrite).WithTags("Back office").WithName("importBankFile")
            .WithSummary("Read a bank's file: what each booking pays; with record, sure ones become payments, each once");

    private static async Task<ApiResult<BankImportReport>> ImportAsync(HttpContext http, BankImports imports, NewBankImport wanted, CancellationToken cancellationToken) =>
        await imports.ImportAsync(http.GetCaller(), wanted, cancellationToken);
}
