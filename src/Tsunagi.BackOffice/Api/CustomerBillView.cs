using System.Globalization;
using System.Text.Json.Serialization;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Rating;

namespace Tsunagi.BackOffice.Api;

/// <summary>An amount as TM Forum writes it: units of a currency, not its minor units.</summary>
public sealed record MoneyView(string Unit, decimal Value)
{
    internal static MoneyView Of(long minor, string currency) => new(currency, (decimal)minor / Currency.Find(currency)!.MinorPerUnit);
}

/// <summary>A period of civil dates; the end is the last day.</summary>
public sealed record PeriodView(string StartDateTime, string EndDateTime);

/// <summary>A reference to another resource.</summary>
public sealed record RefView(string Id, string? Name = null);

/// <summary>The tax of one rate.</summary>
public sealed record TaxItemView(string TaxCategory, decimal TaxRate, MoneyView TaxExcludedAmount, MoneyView TaxAmount);

/// <summary>An issued document in the terms of TMF678 (customerBill).</summary>
/// <param name="Category">"invoice", "credit" (amounts are what is given back) or "opening".</param>
/// <param name="State">"sent", "partiallyPaid" or "settled".</param>
/// <param name="AmountDue">What it asks for.</param>
/// <param name="RemainingAmount">What is open of it; of a credit note, what was not used yet.</param>
/// <param name="InputHash">SHA-256 of everything the bill was made from.</param>
public sealed record CustomerBillView(
    string Id, string Href, string BillNo, string BillDate, string? PaymentDueDate, string BillingPeriod, string Category, string State, MoneyView AmountDue, MoneyView RemainingAmount,
    MoneyView TaxExcludedAmount, MoneyView TaxIncludedAmount, RefView BillingAccount, string? CorrectsBillId, string? Reason, string? RunId, long KnownAt, string InputHash,
    IReadOnlyList<TaxItemView>? TaxItem)
{
    [JsonPropertyName("@type")]
    public string Type { get; } = "CustomerBill";

    internal static CustomerBillView Of(InvoiceRow row, InvoiceDocument? document = null) => new(
        row.Id, "/api/v1/backoffice/customer-bills/" + row.Id, row.Number, row.IssueDate, row.DueDate, row.Period, row.Kind, row.OpenMinor <= 0 ? "settled" : row.SettledMinor > 0 ? "partiallyPaid" : "sent",
        MoneyView.Of(row.TotalMinor, row.Currency), MoneyView.Of(row.OpenMinor, row.Currency), MoneyView.Of(row.NetMinor, row.Currency), MoneyView.Of(row.TotalMinor, row.Currency),
        new RefView(row.AccountId, row.Counterparty), row.CorrectsId, row.Reason, row.RunId, row.KnownAt, row.InputHash,
        document is null ? null : TaxesOf(document.TaxSubtotals, row.Currency));

    internal static IReadOnlyList<TaxItemView> TaxesOf(IEnumerable<DocumentTaxSubtotal> taxes, string currency) =>
        [.. taxes.Select(tax => new TaxItemView(Word(tax.Category), tax.RatePercent, MoneyView.Of(tax.NetMinor, currency), MoneyView.Of(tax.TaxMinor, currency)))];

    internal static string Word<T>(T value)
        where T : struct, Enum
    {
        var name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}

/// <summary>A line of a bill in the terms of TMF678 (appliedCustomerBillingRate).</summary>
/// <param name="Type">"charge", "correction" of an earlier month, or "adjustment".</param>
/// <param name="Month">The month it pays for.</param>
/// <param name="Product">The subscription, absent for an adjustment.</param>
/// <param name="Characteristic">How the amount came about.</param>
public sealed record AppliedRateView(
    string Id, int Line, string Name, string Type, string Month, PeriodView PeriodCoverage, RefView? Product, string? Meter, decimal Quantity, decimal UnitPrice, MoneyView TaxExcludedAmount,
    string TaxCategory, decimal TaxRate, string Characteristic, MoneyView? BilledBefore)
{
    internal static AppliedRateView Of(string billId, BillLine line, string currency) => new(
        string.Create(CultureInfo.InvariantCulture, $"{billId}.{line.No}"), line.No, line.Label, CustomerBillView.Word(line.Kind), line.Month, PeriodOf(line.From, line.To),
        line.SubscriptionId is { } subscription ? new RefView(subscription) : null, line.Meter, line.Quantity, line.UnitPrice, MoneyView.Of(line.AmountMinor, currency), CustomerBillView.Word(line.Tax),
        line.RatePercent, line.Explanation, line.BilledBeforeMinor is { } before ? MoneyView.Of(before, currency) : null);

    internal static PeriodView PeriodOf(DateOnly from, DateOnly to) => new(InvoiceBook.Text(from), InvoiceBook.Text(to > from ? to.AddDays(-1) : from));
}

/// <summary>What a bill would be if it were written now.</summary>
public sealed record BillPreviewView(
    string AccountId, string BillingPeriod, PeriodView PeriodCoverage, MoneyView TaxExcludedAmount, MoneyView TaxIncludedAmount, MoneyView? PreviousAmount, IReadOnlyList<TaxItemView> TaxItem,
    IReadOnlyList<AppliedRateView> Rates, string InputHash);
