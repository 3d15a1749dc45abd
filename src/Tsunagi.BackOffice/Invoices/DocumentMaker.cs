using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;

namespace Tsunagi.BackOffice.Invoices;

/// <summary>From a bill to what is printed: names, dates and the words of the document's language. Pure.</summary>
internal static class DocumentMaker
{
    public static InvoiceDocument Invoice(
        BillingAccount account, Bill bill, IReadOnlyDictionary<string, string> services, DocumentParty issuer, BankDetails? bank, string number, DateOnly issued, DateOnly due)
    {
        var japanese = account.Locale == "ja";
        return new InvoiceDocument
        {
            Kind = DocumentKind.Invoice, Number = number, IssueDate = issued, DueDate = due, Period = new DocumentPeriod(bill.From, bill.To), Issuer = issuer, Customer = CustomerOf(account),
            Language = japanese ? DocumentLanguage.Japanese : DocumentLanguage.English, Currency = bill.Currency, Lines = [.. bill.Lines.Select(line => LineOf(line, bill, services, japanese))],
            TaxSubtotals = bill.Taxes, NetMinor = bill.NetMinor, TaxMinor = bill.TaxMinor, TotalMinor = bill.TotalMinor, AmountDueMinor = bill.TotalMinor, Bank = bank,
            PurchaseOrder = account.PurchaseOrder, Subject = Subject(bill.Period, japanese), IsDraft = number.Length == 0,
        };
    }

    public static DocumentParty CustomerOf(BillingAccount account) => new(account.Name)
    {
        Attention = account.Attention, PostalCode = account.PostalCode, AddressLines = account.Address.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        Country = account.Country, RegistrationNumber = account.RegistrationNumber, AccountNumber = account.Id, Email = account.Email,
        ElectronicAddress = JsonSerializer.Deserialize<Dictionary<string, string>>(account.ExternalRefs)?.GetValueOrDefault("peppol"),
    };

    public static DocumentLine LineOf(BillLine line, Bill bill, IReadOnlyDictionary<string, string> services, bool japanese)
    {
        var description = line.Kind == BillLineKind.Correction
            ? string.Create(CultureInfo.InvariantCulture, $"{line.Label} ({(japanese ? line.Month + "分の訂正" : "correction of " + line.Month)})")
            : line.Label;
        var (quantity, unit) = Quantity(line, japanese);
        var corrected = line.Kind == BillLineKind.Correction;
        return new DocumentLine(
            description, corrected ? 1 : quantity, corrected ? "" : unit, corrected ? UnitOf(line, bill, 1) : line.UnitPrice != 0 ? line.UnitPrice : UnitOf(line, bill, quantity), line.AmountMinor,
            line.Tax, line.RatePercent)
        {
            Service = line.SubscriptionId is { } id ? services.GetValueOrDefault(id, id) : null,
            Period = line.From == bill.From && line.To == bill.To ? null : new DocumentPeriod(line.From, line.To),
            Explanation = Explain(line, japanese),
            LineId = line.No.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>How an amount came about, in the document's language.</summary>
    public static string? Explain(BillLine line, bool japanese)
    {
        var text = line.Explanation;
        if (line.BilledBeforeMinor is { } before)
        {
            text = string.Create(CultureInfo.InvariantCulture, $"{text} = {line.AmountMinor + before:#,0} - {before:#,0} {(japanese ? "請求済" : "billed before")}");
        }

        if (!japanese)
        {
            return text.Length > 0 ? text : null;
        }

        return text.Length == 0 ? null : line.Kind == BillLineKind.Adjustment ? Orders.EarlyCharge.Say(text, japanese) : text.Replace(" days", "日", StringComparison.Ordinal).Replace(" included", " 無料分", StringComparison.Ordinal).Replace(", once", "(初回のみ)", StringComparison.Ordinal)
            .Replace("95th percentile of ", "95パーセンタイル、標本 ", StringComparison.Ordinal).Replace(" samples: ", "件: ", StringComparison.Ordinal).Replace(", charged ", "、課金対象 ", StringComparison.Ordinal);
    }

    /// <summary>What was counted, in the pieces it is priced by.</summary>
    private static (decimal Quantity, string Unit) Quantity(BillLine line, bool japanese)
    {
        if (line.Meter is null)
        {
            return (line.Quantity, "");
        }

        var bytes = line.Meter.EndsWith(".bytes", StringComparison.Ordinal);
        return line.Per switch
        {
            1 => (line.Quantity, bytes ? "B" : japanese ? "件" : ""),
            1_000_000_000 when bytes => (decimal.Round(line.Quantity / line.Per, 6), "GB"),
            var per => (decimal.Round(line.Quantity / per, 6), "× " + per.ToString("#,0", CultureInfo.InvariantCulture)),
        };
    }

    private static decimal UnitOf(BillLine line, Bill bill, decimal quantity)
    {
        var amount = (decimal)line.AmountMinor / Core.Rating.Currency.Find(bill.Currency)!.MinorPerUnit;
        return quantity == 0 ? amount : decimal.Round(amount / quantity, 6);
    }

    private static string Subject(string period, bool japanese) => japanese ? $"{period[..4]}年{int.Parse(period.AsSpan(5), CultureInfo.InvariantCulture)}月分 ご請求" : $"Services of {period}";
}
