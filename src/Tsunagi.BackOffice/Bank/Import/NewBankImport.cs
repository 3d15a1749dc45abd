using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.BackOffice.Bank.Csv;

namespace Tsunagi.BackOffice.Bank.Import;

/// <summary>The request to read a bank's file against what is open.</summary>
/// <param name="Content">The file's octets in base64.</param>
/// <param name="Csv">How to read it when it is neither camt.053 nor Zengin.</param>
/// <param name="Record">False shows what would be recorded and stores nothing.</param>
/// <param name="AsOf">The day up to which the file is whole ("2026-11-25"), where it does not say so itself; dunning waits while that is too long ago.</param>
/// <param name="Probable">True records probable matches too: a person has looked at them.</param>
public sealed record NewBankImport(
    [property: Required, StringLength(NewBankImport.MaxContent, MinimumLength = 4), Description("The file in base64: camt.053, Zengin, or CSV with a mapping.")] string Content,
    CsvMapping? Csv = null, bool Record = false, bool Probable = false, [property: RegularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}")] string? AsOf = null)
{
    /// <summary>Characters of base64: a file of 12 MiB.</summary>
    public const int MaxContent = 16 << 20;
}
