using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/closings: months whose earned revenue is booked.</summary>
internal static class ClosingApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/closings").WithTags("Back office");
        group.MapGet("/", ListAsync).Requires(BackOfficePermissions.LedgerRead).WithName("listClosings").WithSummary("Months that were closed, newest first (the provider's operators only)");
        group.MapPost("/", CloseAsync).Requires(BackOfficePermissions.LedgerClose).WithName("closeMonth")
            .WithSummary("Close a month and those before it: what was earned in them moves from deferred to revenue; a second time only what became known since");
    }

    private static async Task<ApiResult<Page<ClosingView>>> ListAsync(HttpContext http, MonthCloser closer, CancellationToken cancellationToken) => http.GetCaller().IsOperator
        ? new Page<ClosingView>([.. (await closer.ListAsync(http.GetCaller(), cancellationToken)).Select(ClosingView.Of)], null)
        : MonthCloser.NotOperator;

    private static async Task<ApiResult<ClosingView>> CloseAsync(HttpContext http, MonthCloser closer, NewClosing wanted, CancellationToken cancellationToken)
    {
        var closed = await closer.CloseAsync(http.GetCaller(), wanted.Month, cancellationToken);
        return closed.Ok ? ClosingView.Of(closed.Value) : closed.Refusal;
    }
}

/// <summary>The request to close a month.</summary>
public sealed record NewClosing([property: Required, RegularExpression("[0-9]{4}-[0-9]{2}"), Description("The month, one that is over.")] string Month);

/// <summary>A month that was closed.</summary>
/// <param name="Entries">How many entries were booked.</param>
public sealed record ClosingView(string Month, DateTimeOffset ClosedAt, string ClosedBy, long Entries)
{
    internal static ClosingView Of(Closing closing) => new(closing.Month, UnixMicros.ToDateTimeOffset(closing.ClosedAt), closing.ClosedBy, closing.Entries);
}
