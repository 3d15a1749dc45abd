using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Verbs;

/// <summary>tsunagi backoffice report | report-file | report-lines: the management's figures.</summary>
internal static class ReportVerbs
{
    private const string Api = "/api/v1/backoffice/";

    private static readonly VerbParameter Name = new("NAME", "which", Required: true, Allowed: [.. ReportNames.All]);

    private static readonly VerbParameter[] Span =
    [
        new("--from", "the first month (YYYY-MM)"), new("--to", "the last month"), new("--basis", "count as the ledger does (booked) or of what is paid for (service)", Allowed: ["booked", "service"]),
        new("--currency", "the currency; that of most invoices without it"),
    ];

    public static readonly IReadOnlyList<Verb> All =
    [
        new("report", "A report over issued invoices and the ledger: revenue, concentration, retention ...", [Name, .. Span], ShowAsync),
        new("report-file", "Write a report as CSV or PDF into a file", [Name, .. Span, new("--output", "the file: .csv or .pdf", Required: true, Alias: "-o")], WriteAsync),
        ApiVerb.List("report-lines", "The issued lines that a report's figure is the sum of", Api + "report-lines", [
            new("--from", "the first month (YYYY-MM)", Required: true), new("--to", "the last month", Required: true), new("--currency", "the currency", Required: true),
            new("--basis", "as of the report", Allowed: ["booked", "service"]), new("--category", "of this category", Allowed: ["connectivity", "valueAdded", "construction", "operation", "none"]),
            new("--nature", "recurring or one-time", Allowed: ["recurring", "once"]), new("--account", "of this billing account"), new("--service", "of this service"),
        ], "number", "line", "date=issueDate", "customer", "service", "label", "month", "amount=amountMinor"),
    ];

    private static async Task<int> ShowAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var report = await context.GetAsync(Path(context, ""), cancellationToken);
        if (context.Json)
        {
            context.Print([], [], report);
            return 0;
        }

        if (report["tables"] is not JsonArray tables || Currency.Find(report.Text("currency")) is not { } currency)
        {
            throw new JsonException("what was answered is no report");
        }

        context.Say($"{report.Text("title")}  {report.Text("from")} {report.Text("to")} {currency.Code}", VerbTone.Title);
        foreach (var table in tables)
        {
            var columns = (JsonArray)table!["columns"]!;
            context.Say(table.Text("title"), VerbTone.Title);
            context.Print(
                [.. columns.Select(static column => column.Text("title"))],
                ((JsonArray)table["rows"]!).Select(row => (IReadOnlyList<string>)[.. ((JsonArray)row!["cells"]!).Zip(columns, (cell, column) => Text(cell!, column.Text("kind"), currency))]), null);
        }

        if (report["ledger"] is { } tie)
        {
            context.Say($"this report {Money((long)tie["reportMinor"]!, currency)}, the ledger's revenue accounts {Money((long)tie["ledgerMinor"]!, currency)}, difference {Money((long)tie["differenceMinor"]!, currency)}");
        }

        foreach (var sentence in ((JsonArray)report["notes"]!).Concat((JsonArray)report["definitions"]!))
        {
            context.Say((string)sentence!, VerbTone.Muted);
        }

        return 0;
    }

    private static async Task<int> WriteAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var file = context["--output"]!;
        var document = file.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase) ? "/document.pdf" : "/document.csv";
        using var response = await context.Api.GetAsync(Path(context, document), cancellationToken);
        await File.WriteAllBytesAsync(context.Home.File(file), await response.Content.ReadAsByteArrayAsync(cancellationToken), cancellationToken);
        return 0;
    }

    private static string Path(VerbContext context, string document) => ApiCalls.WithQuery(
        Api + "reports/" + context.Segment("NAME") + document, [("from", context["--from"]), ("to", context["--to"]), ("basis", context["--basis"]), ("currency", context["--currency"])]);

    private static string Text(JsonNode cell, string kind, Currency currency) => cell["value"] is not { } value
        ? cell.Text("text")
        : kind switch
        {
            "money" => Money((long)value.GetValue<decimal>(), currency),
            "percent" => value.GetValue<decimal>().ToString("0.0", CultureInfo.InvariantCulture) + "%",
            _ => value.GetValue<decimal>().ToString("#,0", CultureInfo.InvariantCulture),
        };

    private static string Money(long minor, Currency currency) =>
        ((decimal)minor / currency.MinorPerUnit).ToString("#,0." + new string('0', currency.MinorDigits), CultureInfo.InvariantCulture);
}
