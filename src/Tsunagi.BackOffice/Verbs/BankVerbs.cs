using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.BackOffice.Bank;
using Tsunagi.BackOffice.Bank.Csv;
using Tsunagi.Core.Api;
using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Verbs;

/// <summary>tsunagi backoffice bank: a bank's file, looked at in place or set against what is open.</summary>
internal static class BankVerbs
{
    private static readonly VerbParameter File = new("FILE", "camt.053, Zengin (01, 03, 91), or CSV", Required: true);

    private static readonly VerbParameter Mapping = new("--csv", "a file that says which column is what, for CSV");

    public static readonly IReadOnlyList<Verb> All =
    [
        new("bank read", "What a bank's file holds, in place: nothing is stored", [File, Mapping, new("--as-of", "the day by which years of two digits are read (YYYY-MM-DD); today without it")], ReadAsync),
        new("bank import", "What each booking of a bank's file pays", [
            File, Mapping, new("--record", "record sure matches as payments, each once", IsFlag: true), new("--probable", "record probable matches too", IsFlag: true), new("--whole-to", "the day up to which the file is whole (YYYY-MM-DD), where it does not say so itself"),
        ], ImportAsync),
    ];

    private static async Task<int> ReadAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var asOf = DateOnly.FromDateTime(TimeProvider.System.GetLocalNow().DateTime);
        if (context["--as-of"] is { } text && !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out asOf))
        {
            throw new WrongInputException($"--as-of {text} is no date (YYYY-MM-DD)");
        }

        var file = await OctetsAsync(context, cancellationToken);
        if (!BankFile.TryRead(file, MappingOf(context)?.Deserialize<CsvMapping>(ApiJson.Options), asOf, BankLimits.Default, out var statements, out var faults))
        {
            throw new WrongInputException($"{context["FILE"]} is refused:\n" + string.Join('\n', faults));
        }

        var entries = statements.SelectMany(statement => statement.Entries).ToList();
        context.Print(
            ["date", "amount", "currency", "payer", "reference", "key"],
            entries.Select(entry => (IReadOnlyList<string>)[
                entry.BookingDate.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), entry.AmountMinor.ToString(CultureInfo.InvariantCulture), entry.Currency, entry.PayerName, entry.Reference, entry.Id,
            ]),
            JsonSerializer.SerializeToNode(statements, ApiJson.Options)!);
        return 0;
    }

    private static async Task<int> ImportAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["content"] = Convert.ToBase64String(await OctetsAsync(context, cancellationToken)), ["csv"] = MappingOf(context), ["record"] = context.Flag("--record"), ["probable"] = context.Flag("--probable"), ["asOf"] = context["--whole-to"],
        };
        var report = await context.SendAsync(HttpMethod.Post, "/api/v1/backoffice/bank-imports", body, cancellationToken);
        var lines = (report["lines"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        context.Print(
            ["date", "amount", "currency", "payer", "state", "sure", "by", "fit", "account", "invoices"],
            lines.Select(line => (IReadOnlyList<string>)[
                line.Text("bookedOn"), line.Text("amountMinor"), line.Text("currency"), line.Text("payer"), line.Text("state"), line.Text("match.grade"), line.Text("match.reason"), line.Text("match.fit"),
                line.Text("match.accountId"), string.Join(' ', ((line["match"] as JsonObject)?["parts"] as JsonArray ?? []).Select(part => part.Text("number"))),
            ]),
            report);
        return 0;
    }

    private static async Task<byte[]> OctetsAsync(VerbContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await System.IO.File.ReadAllBytesAsync(context.Home.File(context["FILE"]!), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new WrongInputException($"the file {context["FILE"]} cannot be read: {e.Message}");
        }
    }

    private static JsonObject? MappingOf(VerbContext context) => context["--csv"] is { } name ? ValueFiles.Read(context, name).Root : null;
}
