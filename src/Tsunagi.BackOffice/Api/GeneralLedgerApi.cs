using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Sample;
using Tsunagi.BackOffice.Statements;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/general-ledger, /markets and /sample: what the statements are made of beside the books.</summary>
internal static class GeneralLedgerApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/general-ledger", ReadAsync).WithTags("Back office").Requires(BackOfficePermissions.LedgerRead).WithName("listGeneralLedger").WithSummary("Figures of the general ledger as they were imported");
        api.MapPut("/general-ledger", WriteAsync).WithTags("Back office").Requires(BackOfficePermissions.LedgerWrite).WithName("writeGeneralLedger").WithSummary("Write figures over those of the same month, line and part");
        api.MapGet("/markets", MarketsAsync).WithTags("Back office").Requires(BackOfficePermissions.LedgerRead).WithName("listMarkets").WithSummary("Companies of markets, by industry and rank");
        api.MapPut("/markets", WriteMarketsAsync).WithTags("Back office").Requires(BackOfficePermissions.LedgerWrite).WithName("writeMarkets").WithSummary("Put the companies of whole industries in place of those before");
        api.MapPost("/sample", SampleAsync).WithTags("Back office").Requires(BackOfficePermissions.LedgerWrite).WithName("makeSample")
            .WithSummary("Fill a program without customers with a sample: customers, 18 months of invoices and books, general ledger, markets");
    }

    private static async Task<ApiResult<Page<GlEntry>>> ReadAsync(HttpContext http, GeneralLedger ledger, [AsParameters] GlQuery query, CancellationToken cancellationToken) => !http.GetCaller().IsOperator
        ? GeneralLedger.NotOperator
        : new Page<GlEntry>(await ledger.ReadAsync(http.GetCaller(), query.From ?? "0000-00", query.To ?? "9999-99", cancellationToken), null);

    private static async Task<ApiResult<Written>> WriteAsync(HttpContext http, GeneralLedger ledger, NewGlEntries wanted, CancellationToken cancellationToken)
    {
        var written = await ledger.WriteAsync(http.GetCaller(), [.. wanted.Entries.Select(static entry => entry with { Part = entry.Part ?? "" })], cancellationToken);
        return written.Ok ? new Written(written.Value) : written.Refusal;
    }

    private static async Task<ApiResult<Page<MarketCompany>>> MarketsAsync(HttpContext http, GeneralLedger ledger, CancellationToken cancellationToken) =>
        !http.GetCaller().IsOperator ? GeneralLedger.NotOperator : new Page<MarketCompany>(await ledger.MarketsAsync(http.GetCaller(), cancellationToken), null);

    private static async Task<ApiResult<Written>> WriteMarketsAsync(HttpContext http, GeneralLedger ledger, NewMarkets wanted, CancellationToken cancellationToken)
    {
        var written = await ledger.WriteMarketsAsync(http.GetCaller(), wanted.Companies, cancellationToken);
        return written.Ok ? new Written(written.Value) : written.Refusal;
    }

    private static async Task<ApiResult<SampleMade>> SampleAsync(HttpContext http, SampleWriter writer, NewSample wanted, CancellationToken cancellationToken) =>
        await writer.FillAsync(http.GetCaller(), wanted, cancellationToken);
}

/// <summary>Which months.</summary>
public sealed record GlQuery(
    [property: RegularExpression("[0-9]{4}-[0-9]{2}"), Description("The first month.")] string? From, [property: RegularExpression("[0-9]{4}-[0-9]{2}"), Description("The last month.")] string? To);

/// <summary>Figures to write.</summary>
public sealed record NewGlEntries([property: Required, MinLength(1), MaxLength(GeneralLedger.MostAtOnce)] IReadOnlyList<GlEntry> Entries);

/// <summary>Companies to write.</summary>
public sealed record NewMarkets([property: Required, MinLength(1), MaxLength(GeneralLedger.MostAtOnce)] IReadOnlyList<MarketCompany> Companies);

/// <summary>How many were written.</summary>
public sealed record Written(int Count);
