using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Time;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Ui.Tables;

/// <summary>
/// <c>GET /console/tables/{id}.csv</c>: every row of a table under the same filter, order and scope as on the page, read page by page as it is
/// sent. UTF-8 with a mark at the head, so that spreadsheets read Japanese.
/// </summary>
public static class TableExport
{
    private const int RowsAtATime = 1000;
    private const int MostRows = 200_000;

    public static IServiceCollection AddTable<TTable>(this IServiceCollection services)
        where TTable : class, ITable
    {
        services.AddScoped<TTable>();
        services.AddSingleton(new TableRegistration(TableId.Of(typeof(TTable)), typeof(TTable)));
        return services;
    }

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/console/tables/{id}.csv", WriteAsync).RequiresSignIn().ExcludeFromDescription();

    internal static string Href(string id, TableQuery query, IEnumerable<Facet> facets, IEnumerable<(string Key, string Value)> fixedChoices)
    {
        var values = new Dictionary<string, string?>
        {
            ["q"] = query.Filter,
            ["sort"] = query.Sort is null ? null : (query.Descending ? "-" : "") + query.Sort,
        };
        foreach (var facet in facets)
        {
            values["c." + facet.Key] = query[facet.Key];
        }

        foreach (var (key, value) in fixedChoices)
        {
            values["c." + key] = value;
        }

        return QueryHelpers.AddQueryString($"/console/tables/{id}.csv", values.Where(static pair => !string.IsNullOrEmpty(pair.Value)));
    }

    private static async Task WriteAsync(string id, HttpContext http, ConsoleView view, IEnumerable<TableRegistration> tables, TimeProvider time)
    {
        var found = tables.FirstOrDefault(table => table.Id == id);
        if (found is null || http.RequestServices.GetRequiredService(found.Type) is not ITable table || (table.Permission is { } permission && !view.May(permission)))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var stamp = UnixMicros.ToDateTimeOffset(time.NowMicros()).ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{id}-{stamp}.csv\"";
        http.Response.Headers.CacheControl = "no-store";
        await WriteRowsAsync(table, Ask(http.Request, view.Caller), view.Locale, http.Response, http.RequestAborted);
    }

    private static async Task WriteRowsAsync(ITable table, TableRequest request, string locale, HttpResponse response, CancellationToken cancellationToken)
    {
        var text = new StringBuilder("\ufeff");
        AppendLine(text, table.Heads(locale));
        var written = 0;
        do
        {
            var (rows, next) = await table.ReadTextAsync(request, cancellationToken);
            foreach (var row in rows)
            {
                AppendLine(text, row);
            }

            await response.WriteAsync(text.ToString(), cancellationToken);
            text.Clear();
            written += rows.Count;
            request = request with { After = next };
        }
        while (request.After is not null && written < MostRows);
    }

    private static TableRequest Ask(HttpRequest request, Caller caller)
    {
        var sort = request.Query["sort"].ToString();
        var choices = request.Query.Where(static pair => pair.Key.StartsWith("c.", StringComparison.Ordinal)).ToDictionary(static pair => pair.Key[2..], static pair => pair.Value.ToString());
        var filter = request.Query["q"].ToString();
        return new TableRequest(caller, filter.Length == 0 ? null : filter, sort.Length == 0 ? null : sort.TrimStart('-'), sort.StartsWith('-'), null, RowsAtATime, choices);
    }

    // RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    private static void AppendLine(StringBuilder text, IReadOnlyList<string?> cells)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            var cell = cells[i] ?? "";
            if (cell.Length > 0 && cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && !double.TryParse(cell, CultureInfo.InvariantCulture, out _))
            {
                cell = "'" + cell;
            }

            text.Append(i == 0 ? "" : ",");
            if (cell.AsSpan().IndexOfAny("\",\r\n") >= 0)
            {
                text.Append('"').Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            }
            else
            {
                text.Append(cell);
            }
        }

        text.Append("\r\n");
    }
}

/// <summary>A table the export knows.</summary>
public sealed record TableRegistration(string Id, Type Type);
