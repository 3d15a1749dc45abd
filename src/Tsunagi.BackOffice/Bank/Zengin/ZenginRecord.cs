using Tsunagi.BackOffice.Kana;

namespace Tsunagi.BackOffice.Bank.Zengin;

/// <summary>One record of fixed fields, read from left to right. The first fault of a record is told, the rest of it is read on with empty values.</summary>
internal ref struct ZenginRecord(ReadOnlySpan<byte> record, int number, BankReading reading)
{
    private readonly ReadOnlySpan<byte> _record = record;
    private int _at = 1;

    public readonly int Number => number;

    public bool IsSound { get; private set; } = true;

    public void Skip(int length) => _at += length;

    /// <summary>N(length): digits; blank stands for zero.</summary>
    public long Digits(int length, string field)
    {
        var octets = Take(length, out var column);
        long value = 0;
        if (octets.IndexOfAnyExcept((byte)' ') < 0)
        {
            return 0;
        }

        foreach (var octet in octets)
        {
            if (octet is < (byte)'0' or > (byte)'9')
            {
                Fault(column, $"{field} has a character that is no digit");
                return 0;
            }

            value = (value * 10) + (octet - '0');
        }

        return value;
    }

    /// <summary>N(length) kept as text with its leading zeros: codes and numbers of accounts.</summary>
    public string Code(int length, string field)
    {
        var octets = Take(length, out var column);
        octets = octets.Trim((byte)' ');
        foreach (var octet in octets)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet != '-')
            {
                Fault(column, $"{field} has a character that no code has");
                return "";
            }
        }

        return System.Text.Encoding.ASCII.GetString(octets);
    }

    /// <summary>C(length): the characters of JIS X 0201 that Zengin allows (letters, digits, half-width kana, marks), made full-width.</summary>
    public string Text(int length, string field)
    {
        var octets = Take(length, out var column);
        octets = octets.TrimEnd((byte)' ');
        Span<char> text = stackalloc char[octets.Length];
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets[i] is < 0x20 or (> 0x7E and < 0xA1) or > 0xDF)
            {
                Fault(column + i, $"{field} has octet 0x{octets[i]:X2}, which is no character of JIS X 0201");
                return "";
            }

            text[i] = octets[i] < 0x7F ? (char)octets[i] : (char)(0xFF61 + octets[i] - 0xA1);
        }

        return PayerName.Widen(new string(text));
    }

    /// <summary>N(6) YYMMDD: the year of an era or the last two digits of a western one, whichever is nearest to the day the file is read.</summary>
    public DateOnly Date(string field, DateOnly asOf)
    {
        var column = _at + 1;
        var digits = Digits(6, field);
        var date = Nearest((int)(digits / 10_000), (int)(digits / 100 % 100), (int)(digits % 100), asOf);
        if (date is null && IsSound)
        {
            Fault(column, $"{field} {digits:000000} is no date");
        }

        return date ?? default;
    }

    /// <summary>A blank or zero date is none.</summary>
    public DateOnly? OptionalDate(string field, DateOnly asOf)
    {
        if (_record.Slice(_at, 6).IndexOfAnyExcept((byte)' ', (byte)'0') < 0)
        {
            Skip(6);
            return null;
        }

        return Date(field, asOf);
    }

    /// <summary>N(4) MMDD of the year in which it is nearest to the day the file is read.</summary>
    public DateOnly MonthDay(string field, DateOnly asOf)
    {
        var column = _at + 1;
        var digits = (int)Digits(4, field);
        var date = new[] { asOf.Year - 1, asOf.Year, asOf.Year + 1 }.Select(year => Of(year, digits / 100, digits % 100)).Where(day => day is not null)
            .MinBy(day => Math.Abs(day!.Value.DayNumber - asOf.DayNumber));
        if (date is null && IsSound)
        {
            Fault(column, $"{field} {digits:0000} is no day of a year");
        }

        return date ?? default;
    }

    public void Fault(int column, string message)
    {
        if (IsSound)
        {
            IsSound = false;
            reading.Fault(number, column, message);
        }
    }

    private ReadOnlySpan<byte> Take(int length, out int column)
    {
        column = _at + 1;
        _at += length;
        return _record.Slice(_at - length, length);
    }

    /// <summary>Reiwa began in 2019 (its year 1), Heisei in 1989.</summary>
    private static DateOnly? Nearest(int year, int month, int day, DateOnly asOf) =>
        new[] { 2018 + year, 1988 + year, 2000 + year }.Select(full => Of(full, month, day)).Where(date => date is not null)
            .MinBy(date => Math.Abs(date!.Value.DayNumber - asOf.DayNumber));

    private static DateOnly? Of(int year, int month, int day) =>
        month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;
}
