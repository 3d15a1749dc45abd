using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/ledger: the provider's books, for other programs.</summary>
internal static class LedgerApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/ledger").WithTags("Back office");
        group.MapGet("/balances", BalancesAsync).Requires(BackOfficePermissions.LedgerRead).WithName("listLedgerBalances").WithSummary("What each ledger account has come to (the provider's operators only)");
        group.MapGet("/journal", JournalAsync).Requires(BackOfficePermissions.LedgerRead).WithName("exportLedger")
            .WithSummary("The journal as hledger reads it, or as CSV (the provider's operators only)").Produces<string>(StatusCodes.Status200OK, "text/plain");
    }

    private static async Task<ApiResult<Page<LedgerBalance>>> BalancesAsync(HttpContext http, LedgerBook book, CancellationToken cancellationToken) =>
        http.GetCaller().IsOperator ? new Page<LedgerBalance>(await book.BalancesAsync(cancellationToken), null) : Refusal.NotFound("ledger", "of the provider");

    private static IResult JournalAsync(HttpContext http, LedgerBook book, [AsParameters] JournalQuery query) =>
        !http.GetCaller().IsOperator
            ? ProblemOf(Refusal.NotFound("ledger", "of the provider"))
            : Results.Stream(
                async stream =>
                {
                    await using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
                    await book.WriteAsync(writer, query.Format != "csv", query.From ?? "0000", query.To ?? "9999", http.RequestAborted);
                },
                query.Format == "csv" ? "text/csv; charset=utf-8" : "text/plain; charset=utf-8");

    private static ApiResult<Page<LedgerBalance>> ProblemOf(Refusal refusal) => refusal;
}

/// <summary>What of the ledger, and how.</summary>
public sealed record JournalQuery(
    [property: AllowedValues("hledger", "csv", null), Description("hledger (without it) or csv.")] string? Format,
    [property: RegularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}"), Description("Booked on this date or later.")] string? From,
    [property: RegularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}"), Description("Booked on this date or earlier.")] string? To);
