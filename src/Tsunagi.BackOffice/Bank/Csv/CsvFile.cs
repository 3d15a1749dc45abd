using System.Globalization;
using System.Text;
using Tsunagi.BackOffice.Kana;
using Tsunagi.Core.Rating;

namespace Tsunagi.BackOffice.Bank.Csv;

/// <summary>
/// Reads a bank's CSV by a mapping. Pure; never throws.
/// </summary>
/// <remarks>
/// A file's way:
/// (1) The octets become text; an octet that is none of the encoding is a fault.
/// (2) The head, or the numbers of columns, say where each value is.
/// (3) Each row becomes a booking.
/// (4) With balances: each row leads from the balance before to its own, the file running forwards or backwards.
/// </remarks>
public sealed class CsvFile
{
    private static readonly string[] Kinds = ["フリコミ", "振込", "お振込", "振込入金", "振込１", "振込1"];

    private readonly BankReading _reading;
    private readonly CsvMapping _mapping;
    private readonly Currency _currency;
    private readonly Dictionary<string, int> _columns = [];
    private readonly List<BankEntry> _entries = [];
    private readonly List<(long Minor, int Line, int Column)> _balances = [];

    private CsvFile(BankReading reading, CsvMapping mapping, Currency currency)
    {
        _reading = reading;
        _mapping = mapping;
        _currency = currency;
    }

    public static bool TryParse(ReadOnlySpan<byte> file, CsvMapping mapping, BankLimits limits, out IReadOnlyList<BankStatement> statements, out IReadOnlyList<BankFault> faults)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(limits);
        var reading = new BankReading(limits);
        statements = [];
        if (Currency.Find(mapping.Currency) is not { } currency)
        {
            reading.End(1, 1, $"the mapping's currency {mapping.Currency} is not known");
        }
        else if (file.Length > limits.MaxFileBytes)
        {
            reading.End(1, 1, $"the file has {file.Length} octets, at most {limits.MaxFileBytes} are read");
        }
        else if (TryDecode(file, mapping.Encoding, reading, out var text))
        {
            statements = new CsvFile(reading, mapping, currency).Read(text);
        }

        statements = reading.IsSound ? statements : [];
        faults = reading.Faults;
        return reading.IsSound;
    }

    private static bool TryDecode(ReadOnlySpan<byte> file, CsvEncoding encoding, BankReading reading, out string text)
    {
        // :: Step 1
        var decoding = encoding == CsvEncoding.Utf8
            ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true)
            : CodePagesEncodingProvider.Instance.GetEncoding(932, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;
        file = encoding == CsvEncoding.Utf8 && file.StartsWith("\uFEFF"u8) ? file[3..] : file;
        try
        {
            text = decoding.GetString(file);
            return true;
        }
        catch (DecoderFallbackException problem)
        {
            text = "";
            var before = file[..Math.Clamp(problem.Index, 0, file.Length)];
            reading.End(1 + before.Count((byte)'\n'), before.Length - before.LastIndexOf((byte)'\n'), $"octets that are not {(encoding == CsvEncoding.Utf8 ? "UTF-8" : "Shift_JIS")}");
            return false;
        }
    }

    private List<BankStatement> Read(string text)
    {
        var rows = new CsvRows(text, _mapping.Delimiter, _reading);
        var fields = new List<(string Text, int Column)>();
        for (var i = 0; i < _mapping.SkipLines && rows.TryRead(fields); i++)
        {
        }

        // :: Step 2
        if (_mapping.HasHead ? !rows.TryRead(fields) || !TryFindColumns(fields, rows.Line) : !TryNumberColumns())
        {
            if (_reading.IsSound)
            {
                _reading.End(1, 1, "the file has no head");
            }

            return [];
        }

        // :: Step 3
        while (rows.TryRead(fields))
        {
            if ((fields.Count > 1 || fields[0].Text.Trim().Length > 0) && _reading.Count(rows.Line))
            {
                ReadRow(fields, rows.Line);
            }
        }

        // :: Step 4
        if (_reading.IsSound && _mapping.Balance is not null && _entries.Count > 0)
        {
            CheckBalances();
        }

        return _reading.IsSound ? [ToStatement()] : [];
    }

    private IEnumerable<(string Use, string? Column)> Uses() =>
    [
        (nameof(_mapping.Date), _mapping.Date), (nameof(_mapping.ValueDate), _mapping.ValueDate), (nameof(_mapping.Amount), _mapping.Amount), (nameof(_mapping.In), _mapping.In),
        (nameof(_mapping.Out), _mapping.Out), (nameof(_mapping.Balance), _mapping.Balance), (nameof(_mapping.Payer), _mapping.Payer),
        (nameof(_mapping.PayerAccount), _mapping.PayerAccount), (nameof(_mapping.Reference), _mapping.Reference), (nameof(_mapping.Id), _mapping.Id),
    ];

    private bool TryFindColumns(List<(string Text, int Column)> head, int line)
    {
        foreach (var (use, column) in Uses().Where(use => use.Column is not null))
        {
            var at = head.FindIndex(field => field.Text.Trim() == column);
            if (at < 0)
            {
                _reading.End(line, 1, $"the head has no column {column}");
                return false;
            }

            _columns[use] = at;
        }

        return HasAmounts(line);
    }

    private bool TryNumberColumns()
    {
        foreach (var (use, column) in Uses().Where(use => use.Column is not null))
        {
            if (!int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 1_000)
            {
                _reading.End(1, 1, $"the mapping's column {column} is no number from 1 to 1000");
                return false;
            }

            _columns[use] = number - 1;
        }

        return HasAmounts(1);
    }

    private bool HasAmounts(int line)
    {
        if (_mapping.Amount is null == (_mapping.In is null && _mapping.Out is null))
        {
            _reading.End(line, 1, "the mapping names either an amount, or what came in and what went out");
            return false;
        }

        return true;
    }

    private void ReadRow(List<(string Text, int Column)> fields, int line)
    {
        var (dateText, dateColumn) = Field(fields, nameof(_mapping.Date));
        if (!DateOnly.TryParseExact(dateText, _mapping.DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var booked))
        {
            _reading.Fault(line, dateColumn, $"'{dateText}' is no date of the form {_mapping.DateFormat}");
            return;
        }

        if (!TryReadAmount(fields, line, out var amount) || !TryReadBalance(fields, line))
        {
            return;
        }

        string payer = PayerName.Widen(Field(fields, nameof(_mapping.Payer)).Text), reference = PayerName.Widen(Field(fields, nameof(_mapping.Reference)).Text), id = Field(fields, nameof(_mapping.Id)).Text;
        _entries.Add(new BankEntry
        {
            Id = id.Length == 0 ? _reading.Id(_mapping.Account, booked, amount, payer, reference) : _reading.Id(_mapping.Account, id),
            BookingDate = booked,
            ValueDate = DateOnly.TryParseExact(Field(fields, nameof(_mapping.ValueDate)).Text, _mapping.DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var value) ? value : null,
            AmountMinor = amount,
            Currency = _currency.Code,
            PayerName = payer,
            PayerKey = PayerName.Normalise(WithoutKind(payer)),
            PayerAccount = Field(fields, nameof(_mapping.PayerAccount)).Text is { Length: > 0 } account ? account : null,
            Reference = reference,
            Line = line,
        });
    }

    /// <summary>Many banks write the kind of booking in front of the name: "フリコミ カ)ミヤコ".</summary>
    private static string WithoutKind(string payer)
    {
        var kind = Array.Find(Kinds, kind => payer.Length > kind.Length && payer.StartsWith(kind, StringComparison.Ordinal) && payer[kind.Length] is (' ' or '　'));
        return kind is null ? payer : payer[(kind.Length + 1)..];
    }

    private bool TryReadAmount(List<(string Text, int Column)> fields, int line, out long amount)
    {
        if (_mapping.Amount is not null)
        {
            return TryReadMoney(Field(fields, nameof(_mapping.Amount)), line, out amount);
        }

        var (came, went) = (Field(fields, nameof(_mapping.In)), Field(fields, nameof(_mapping.Out)));
        amount = 0;
        long into = 0, outOf = 0;
        if ((came.Text.Length > 0 && !TryReadMoney(came, line, out into)) || (went.Text.Length > 0 && !TryReadMoney(went, line, out outOf)))
        {
            return false;
        }

        if (came.Text.Length + went.Text.Length == 0)
        {
            _reading.Fault(line, Math.Max(came.Column, 1), "neither an amount in nor one out");
            return false;
        }

        amount = into - outOf;
        return true;
    }

    private bool TryReadBalance(List<(string Text, int Column)> fields, int line)
    {
        if (_mapping.Balance is null)
        {
            return true;
        }

        var field = Field(fields, nameof(_mapping.Balance));
        if (!TryReadMoney(field, line, out var balance))
        {
            return false;
        }

        _balances.Add((balance, line, field.Column));
        return true;
    }

    private bool TryReadMoney((string Text, int Column) field, int line, out long minor)
    {
        var text = field.Text.AsSpan().TrimStart("¥￥\\ ").TrimEnd("円 ");
        if (BankAmount.TryParse(text, _currency, _mapping.DecimalSign, out minor) && Math.Abs((decimal)minor) < long.MaxValue / 4)
        {
            return true;
        }

        _reading.Fault(line, field.Column, $"'{field.Text}' is no amount of {_currency.Code}");
        return false;
    }

    /// <summary>The field of a use, trimmed; empty when the mapping or the row has none.</summary>
    private (string Text, int Column) Field(List<(string Text, int Column)> fields, string use) =>
        _columns.TryGetValue(use, out var at) && at < fields.Count ? (fields[at].Text.Trim(), fields[at].Column) : ("", fields.Count == 0 ? 1 : fields[^1].Column);

    private void CheckBalances()
    {
        int forwards = FirstBreak(backwards: false), backwards = FirstBreak(backwards: true);
        if (forwards >= 0 && backwards >= 0)
        {
            var (minor, line, column) = _balances[Math.Max(forwards, backwards)];
            _reading.Fault(line, column, $"the balance {minor} does not follow from the balance and the amount beside it");
        }
    }

    private int FirstBreak(bool backwards)
    {
        for (var i = 1; i < _balances.Count; i++)
        {
            var (earlier, later) = backwards ? (i, i - 1) : (i - 1, i);
            if (_balances[earlier].Minor + _entries[later].AmountMinor != _balances[later].Minor)
            {
                return i;
            }
        }

        return -1;
    }

    private BankStatement ToStatement()
    {
        var isBackwards = _balances.Count > 1 && FirstBreak(backwards: false) >= 0;
        var (first, last) = isBackwards ? (_balances.Count - 1, 0) : (0, _balances.Count - 1);
        return new BankStatement(_mapping.Account, _currency.Code)
        {
            From = _entries.Count == 0 ? null : _entries.Min(entry => entry.BookingDate),
            To = _entries.Count == 0 ? null : _entries.Max(entry => entry.BookingDate),
            OpeningMinor = _balances.Count == 0 ? null : _balances[first].Minor - _entries[first].AmountMinor,
            ClosingMinor = _balances.Count == 0 ? null : _balances[last].Minor,
            Entries = _entries,
        };
    }
}
