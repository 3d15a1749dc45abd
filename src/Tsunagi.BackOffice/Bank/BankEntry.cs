namespace Tsunagi.BackOffice.Bank;

/// <summary>One booking on the provider's account, whatever format it came in.</summary>
public sealed record BankEntry
{
    /// <summary>
    /// The same booking has the same id in every file and format version it comes in: the bank's own where it gives one, else account, date, amount, payer and
    /// reference, with a running number for equals of one day. Whoever stores entries keeps it unique: importing twice adds nothing.
    /// </summary>
    public required string Id { get; init; }

    public required DateOnly BookingDate { get; init; }

    public DateOnly? ValueDate { get; init; }

    /// <summary>In minor units of <see cref="Currency"/>: above zero came in, below zero went out (or was taken back).</summary>
    public required long AmountMinor { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>A booking that takes back an earlier one.</summary>
    public bool IsReversal { get; init; }

    /// <summary>The other party's name as the bank gave it; half-width kana made full-width.</summary>
    public string PayerName { get; init; } = "";

    /// <summary><see cref="PayerName"/> in comparable form (<see cref="Kana.PayerName.Normalise"/>).</summary>
    public string PayerKey { get; init; } = "";

    /// <summary>The code or account number by which the bank knows the payer (振込依頼人コード, IBAN, the customer number of a direct debit).</summary>
    public string? PayerAccount { get; init; }

    /// <summary>The account number paid to when the file says it for each booking: a virtual account names its customer.</summary>
    public string? PaidToAccount { get; init; }

    /// <summary>What the payer wrote: EDI information, remittance information.</summary>
    public string Reference { get; init; } = "";

    /// <summary>Line of the file (for Zengin files the record), from 1.</summary>
    public int Line { get; init; }
}
