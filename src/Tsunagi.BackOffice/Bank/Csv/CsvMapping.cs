using System.ComponentModel.DataAnnotations;

namespace Tsunagi.BackOffice.Bank.Csv;

/// <summary>
/// Where a bank's CSV says what. A column is named by its head, or by its number from 1 when <see cref="HasHead"/> is false. Either <see cref="Amount"/> (below zero went
/// out) or <see cref="In"/> and <see cref="Out"/> are given.
/// </summary>
public sealed record CsvMapping
{
    /// <summary>The account the file is of: files do not say it.</summary>
    [Required, StringLength(64, MinimumLength = 1)]
    public required string Account { get; init; }

    /// <summary>ISO 4217 of all amounts.</summary>
    [Required, StringLength(3, MinimumLength = 3)]
    public string Currency { get; init; } = "JPY";

    public CsvEncoding Encoding { get; init; } = CsvEncoding.Utf8;

    /// <summary>Between fields.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Lines before the head or the first booking that are not read.</summary>
    [Range(0, 100)]
    public int SkipLines { get; init; }

    public bool HasHead { get; init; } = true;

    [Required]
    public required string Date { get; init; }

    public string? ValueDate { get; init; }

    public string? Amount { get; init; }

    public string? In { get; init; }

    public string? Out { get; init; }

    /// <summary>The balance behind each booking: when given, each booking must lead from one balance to the next.</summary>
    public string? Balance { get; init; }

    public string? Payer { get; init; }

    public string? PayerAccount { get; init; }

    public string? Reference { get; init; }

    /// <summary>The bank's own number of a booking, when it gives one.</summary>
    public string? Id { get; init; }

    /// <summary>A format of .NET: "yyyy/MM/dd", "dd.MM.yyyy".</summary>
    [Required]
    public string DateFormat { get; init; } = "yyyy/MM/dd";

    /// <summary>'.' or ','.</summary>
    public char DecimalSign { get; init; } = '.';
}
