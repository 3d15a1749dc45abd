using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Facts;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Shadow;

/// <summary>
/// Compares what would be billed here with what the system before billed, line by line: (1) the file is read by its mapping, (2) the bills of the month are made
/// as a dry run makes them, (3) rows are matched by account and product, (4) each difference is given its class, the largest first. Nothing is kept.
/// </summary>
internal sealed class ShadowRun(Stores stores, FactReader facts, BackOfficeOptions options, TimeProvider time)
{
    public const int MostDifferences = 1_000;
    public const int MaxCharacters = 25_000_000;
    private const string TaxLine = "(tax)";

    public async ValueTask<Outcome<ShadowReport>> CompareAsync(Caller caller, ShadowRequest request, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "backoffice.run.operator", "invoice runs are the provider's");
        }

        if (!BillingPeriod.Parse(request.Period, "UTC").Ok)
        {
            return Refusal.Invalid("backoffice.run.period", "period", $"\"{request.Period}\" is not a month", "YYYY-MM");
        }

        // :: (1)
        if (request.Csv.Length > MaxCharacters)
        {
            return Refusal.Invalid("backoffice.shadow.size", "csv", "the file is too large", $"at most {MaxCharacters} characters");
        }

        if (!CsvRows.TryRead(request.Csv, out var rows, out var error))
        {
            return Refusal.Invalid("backoffice.shadow.csv", "csv", $"line {error.Line} of the file cannot be read: {error.Problem}", "CSV with a head line");
        }

        var their = Theirs(rows, request.Mapping);
        if (!their.Ok)
        {
            return their.Refusal;
        }

        // :: (2)
        var bills = await OursAsync(request.Period, cancellationToken);
        var names = await NamesAsync(request.Mapping.CustomerRef, cancellationToken);

        // :: (3), (4)
        return Compare(request, rows.Count, their.Value, bills, names);
    }

    private static Outcome<IReadOnlyList<TheirRow>> Theirs(IReadOnlyList<IReadOnlyDictionary<string, string>> rows, ShadowMapping mapping)
    {
        foreach (var column in new[] { mapping.Customer, mapping.Product, mapping.Amount, mapping.Quantity, mapping.Tax })
        {
            if (column is not null && rows.Count > 0 && !rows[0].ContainsKey(column))
            {
                return Refusal.Invalid("backoffice.shadow.column", "mapping", $"the file has no column {column}", string.Join(", ", rows[0].Keys));
            }
        }

        var read = new List<TheirRow>();
        for (var i = 0; i < rows.Count; i++)
        {
            decimal? quantity = null;
            decimal? tax = null;
            if (Number(rows[i][mapping.Amount]) is not { } amount || (mapping.Quantity is { } q && (quantity = Number(rows[i][q])) is null) || (mapping.Tax is { } t && (tax = Number(rows[i][t])) is null))
            {
                return Refusal.Invalid("backoffice.shadow.number", "csv", $"row {i + 2} of the file holds an amount, quantity or tax that is no number", "12345, 12,345 or 123.45");
            }

            read.Add(new TheirRow(rows[i][mapping.Customer], rows[i][mapping.Product], amount, quantity, tax));
        }

        return Outcome.Of<IReadOnlyList<TheirRow>>(read);
    }

    private async ValueTask<IReadOnlyList<AccountBill>> OursAsync(string period, CancellationToken cancellationToken)
    {
        var all = new List<AccountBill>();
        var cursor = "";
        var now = time.NowMicros();
        var after = BillingPeriod.Parse(period, "UTC").Value!.Plus(1).Name;
        while (true)
        {
            var bills = await stores.Control.ReadAsync(
                async reader =>
                {
                    var accounts = await reader.QueryAsync<BillingAccount>(
                        $"SELECT {BillingAccount.Columns} FROM bo_account WHERE tenant_path > @Cursor ORDER BY tenant_path LIMIT @Limit", new { Cursor = cursor, Limit = (long)options.AccountsAtATime });

                    // The month is rated by itself, as it will be when months are billed here: what comes before it is the other system's.
                    return accounts.Count == 0
                        ? []
                        : await facts.ReadAsync(reader, [.. accounts.Select(account => account with { BillFrom = period, AdvanceFrom = after })], period, now, null);
                },
                cancellationToken);
            if (bills.Count == 0)
            {
                return all;
            }

            all.AddRange(bills);
            cursor = bills[^1].Account.TenantPath;
        }
    }

    private async ValueTask<Dictionary<string, string>> NamesAsync(string customerRef, CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<(string Id, string TenantId, string Name, string Refs, string TenantRefs)>(
                "SELECT a.id, a.tenant_id, a.name, a.external_refs, t.external_refs FROM bo_account a JOIN tenant t ON t.id = a.tenant_id ORDER BY a.id"),
            cancellationToken);
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var row in rows)
        {
            foreach (var name in customerRef switch { "id" => [row.Id, row.TenantId], "name" => [row.Name], _ => new[] { Ref(row.Refs, customerRef), Ref(row.TenantRefs, customerRef) } })
            {
                if (name is not null)
                {
                    names.TryAdd(name, row.Id);
                }
            }
        }

        return names;
    }

    private static ShadowReport Compare(ShadowRequest request, int rows, IReadOnlyList<TheirRow> their, IReadOnlyList<AccountBill> bills, Dictionary<string, string> names)
    {
        var mapping = request.Mapping;
        var differences = new List<ShadowDifference>();
        var totals = new Dictionary<string, (long Here, long There)>(StringComparer.Ordinal);
        var byAccount = their.ToLookup(row => names.GetValueOrDefault(row.Customer, ""));
        foreach (var unknown in byAccount[""])
        {
            differences.Add(new ShadowDifference("missingHere", null, unknown.Customer, unknown.Product, null, (long)unknown.Amount, -(long)unknown.Amount, null, unknown.Quantity));
        }

        var equal = 0;
        foreach (var own in bills)
        {
            var before = differences.Count;
            var currency = Currency.Find(own.Account.Currency)!;
            var bill = own.Input is { } input ? BillMaker.Make(input) : null;
            CompareAccount(differences, own, bill, [.. byAccount[own.Account.Id]], mapping, currency);
            equal += differences.Count == before ? 1 : 0;
            var total = totals.GetValueOrDefault(currency.Code);
            totals[currency.Code] = (total.Here + (bill?.NetMinor ?? 0), total.There + byAccount[own.Account.Id].Sum(row => Minor(row.Amount, currency)));
        }

        var ordered = differences.OrderByDescending(static each => Math.Abs(each.DifferenceMinor)).ThenBy(static each => each.Customer, StringComparer.Ordinal).ThenBy(static each => each.Product, StringComparer.Ordinal).ToList();
        return new ShadowReport(
            request.Period, rows, bills.Count, equal, [.. totals.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => new ShadowTotal(pair.Key, pair.Value.Here, pair.Value.There, pair.Value.Here - pair.Value.There))],
            [.. ordered.GroupBy(static each => each.Class).OrderBy(static group => group.Key, StringComparer.Ordinal).Select(static group => new ShadowClass(group.Key, group.Count(), group.Sum(static each => each.DifferenceMinor)))],
            [.. ordered.Take(MostDifferences)], Math.Max(0, ordered.Count - MostDifferences));
    }

    private static void CompareAccount(List<ShadowDifference> differences, AccountBill own, Bill? bill, IReadOnlyList<TheirRow> rows, ShadowMapping mapping, Currency currency)
    {
        var there = rows.GroupBy(row => mapping.Products?.GetValueOrDefault(row.Product) ?? row.Product, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static group => group.Key, group => (Amount: group.Sum(row => Minor(row.Amount, currency)), Quantity: group.All(static row => row.Quantity is null) ? null : group.Sum(static row => row.Quantity)), StringComparer.OrdinalIgnoreCase);
        var here = (bill?.Lines ?? []).GroupBy(line => there.ContainsKey($"{line.PlanCode}/{line.Label}") ? $"{line.PlanCode}/{line.Label}" : line.Label, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static group => group.Key, static group => (Amount: group.Sum(static line => line.AmountMinor), Quantity: (decimal?)group.Sum(static line => line.Quantity / line.Per)), StringComparer.OrdinalIgnoreCase);
        var customer = rows.Count > 0 ? rows[0].Customer : own.Account.Name;
        foreach (var product in here.Keys.Union(there.Keys, StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase))
        {
            var (isHere, isThere) = (here.TryGetValue(product, out var ours), there.TryGetValue(product, out var theirs));
            var difference = ours.Amount - theirs.Amount;
            if (difference != 0 || (isHere && isThere && Differs(ours.Quantity, theirs.Quantity)))
            {
                differences.Add(new ShadowDifference(
                    ClassOf(isHere, isThere, difference, Differs(ours.Quantity, theirs.Quantity), mapping.RoundingMinor), own.Account.Id, customer, product, isHere ? ours.Amount : null,
                    isThere ? theirs.Amount : null, difference, isHere ? ours.Quantity : null, theirs.Quantity));
            }
        }

        var tax = mapping.Tax is null ? (long?)null : rows.Sum(row => Minor(row.Tax ?? 0, currency));
        if (tax is { } taken && taken != (bill?.TaxMinor ?? 0))
        {
            differences.Add(new ShadowDifference("tax", own.Account.Id, customer, TaxLine, bill?.TaxMinor ?? 0, taken, (bill?.TaxMinor ?? 0) - taken, null, null));
        }
    }

    private static string ClassOf(bool isHere, bool isThere, long difference, bool quantity, long rounding) =>
        !isHere ? "missingHere" : !isThere ? "missingThere" : Math.Abs(difference) <= rounding && !quantity ? "rounding" : quantity ? "quantity" : "amount";

    private static bool Differs(decimal? here, decimal? there) => here is { } ours && there is { } theirs && decimal.Round(ours, 6) != decimal.Round(theirs, 6);

    private static long Minor(decimal amount, Currency currency) => (long)decimal.Round(amount * currency.MinorPerUnit, MidpointRounding.AwayFromZero);

    private static decimal? Number(string text) =>
        text.Length == 0 ? 0 : decimal.TryParse(text.Replace(",", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1_000_000_000_000m ? number : null;

    private static string? Ref(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    private sealed record TheirRow(string Customer, string Product, decimal Amount, decimal? Quantity, decimal? Tax);
}
