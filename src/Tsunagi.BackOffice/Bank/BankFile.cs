using Tsunagi.BackOffice.Bank.Camt;
using Tsunagi.BackOffice.Bank.Csv;
using Tsunagi.BackOffice.Bank.Zengin;

namespace Tsunagi.BackOffice.Bank;

/// <summary>
/// The one call for an uploaded bank file: finds out which format it is and reads it. Pure; never throws. A file with one fault imports nothing.
/// </summary>
public static class BankFile
{
    /// <param name="file">As uploaded.</param>
    /// <param name="mapping">How to read the file when it is neither camt.053 nor Zengin; null refuses CSV.</param>
    /// <param name="asOf">Today: Zengin years have two digits.</param>
    /// <param name="statements">One for each account of the file; empty when it is refused.</param>
    /// <param name="faults">Why it is refused, up to the limit; empty when it is not.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> file, CsvMapping? mapping, DateOnly asOf, BankLimits limits, out IReadOnlyList<BankStatement> statements, out IReadOnlyList<BankFault> faults)
    {
        if (LooksLikeXml(file))
        {
            return CamtFile.TryParse(file, limits, out statements, out faults);
        }

        if (file.Length >= 120 && file[0] == '1' && ZenginKinds.TryFind(file[1..3], out _) && !file[..120].Contains((byte)','))
        {
            return ZenginFile.TryParse(file, asOf, limits, out statements, out faults);
        }

        if (mapping is not null)
        {
            return CsvFile.TryParse(file, mapping, limits, out statements, out faults);
        }

        statements = [];
        faults = [new BankFault(1, 1, "the file is neither camt.053 nor Zengin, and no CSV mapping is given")];
        return false;
    }

    private static bool LooksLikeXml(ReadOnlySpan<byte> file)
    {
        file = file.StartsWith("\uFEFF"u8) ? file[3..] : file;
        file = file.TrimStart(" \t\r\n"u8);
        return file.Length > 0 && file[0] == '<';
    }
}
