namespace Tsunagi.BackOffice.Bank.Csv;

public enum CsvEncoding
{
    /// <summary>With or without a byte order mark.</summary>
    Utf8,

    /// <summary>Shift_JIS with Microsoft's additions (code page 932), as Japanese banks send it.</summary>
    ShiftJis,
}
