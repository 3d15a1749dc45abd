namespace Tsunagi.BackOffice.Bank.Zengin;

/// <summary>
/// Reads files of the Japanese Bankers Association's fixed records in JIS X 0201: transfers received (kind 01, 200 octets), bookings of an account (kind 03, 200
/// octets) and results of direct debits (kind 91, 120 octets). Records stand one behind the other, with or without line ends. Pure; never throws.
/// </summary>
/// <remarks>
/// A file's way:
/// (1) The first record says the kind, so the length of all records.
/// (2) Records come in the order header 1, data 2 …, trailer 8, again for each account, then end 9; anything else is a fault.
/// (3) At the trailer numbers and sums, and for kind 03 the balances, are held against the data records.
/// (4) The end record's number of records is held against what was read.
/// </remarks>
public sealed class ZenginFile
{
    private const string Yen = "JPY";

    private readonly BankReading _reading;
    private readonly DateOnly _asOf;
    private readonly List<BankStatement> _statements = [];
    private ZenginKind _kind;
    private ZenginAccount? _account;
    private bool _ended;

    private ZenginFile(BankReading reading, DateOnly asOf)
    {
        _reading = reading;
        _asOf = asOf;
    }

    /// <param name="asOf">Today: years of two digits, of whichever era, are those nearest to it.</param>
    public static bool TryParse(ReadOnlySpan<byte> file, DateOnly asOf, BankLimits limits, out IReadOnlyList<BankStatement> statements, out IReadOnlyList<BankFault> faults)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var reading = new BankReading(limits);
        var parser = new ZenginFile(reading, asOf);
        if (file.Length > limits.MaxFileBytes)
        {
            reading.End(1, 1, $"the file has {file.Length} octets, at most {limits.MaxFileBytes} are read");
        }
        else
        {
            parser.Read(file);
        }

        statements = reading.IsSound ? parser._statements : [];
        faults = reading.Faults;
        return reading.IsSound;
    }

    private void Read(ReadOnlySpan<byte> file)
    {
        // :: Step 1
        if (file.Length < 4 || file[0] != '1' || !ZenginKinds.TryFind(file[1..3], out _kind))
        {
            _reading.End(1, 1, "the file does not begin with a header record of kind 01, 03 or 91");
            return;
        }

        if (file[3] != '0' && file[3] != ' ')
        {
            _reading.End(1, 4, $"the code is {(char)file[3]}; only 0 (JIS) is read");
            return;
        }

        var length = ZenginKinds.RecordLength(_kind);
        var number = 0;
        for (file = Next(file); file.Length > 0 && !_reading.IsOver; file = Next(file))
        {
            number++;
            if (file.Length < length || file[..length].IndexOfAny((byte)'\r', (byte)'\n') >= 0)
            {
                _reading.End(number, 1, $"the record is shorter than {length} octets");
                return;
            }

            ReadRecord(file[..length], number);
            file = file[length..];
        }

        if (!_reading.IsOver && !_ended)
        {
            _reading.End(number, 1, "the file ends without an end record");
        }
    }

    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> file) => file.TrimStart("\r\n\u001A"u8);

    private void ReadRecord(ReadOnlySpan<byte> octets, int number)
    {
        var record = new ZenginRecord(octets, number, _reading);

        // :: Step 2
        switch ((char)octets[0], _account is not null, _ended)
        {
            case ('1', false, false):
                _account = ZenginAccount.ReadHeader(ref record, _kind, _asOf);
                break;
            case ('2', true, false):
                if (_reading.Count(number))
                {
                    _account!.ReadData(ref record, _asOf, _reading);
                }

                break;
            case ('8', true, false):
                // :: Step 3
                _account!.ReadTrailer(ref record);
                _statements.Add(_account.ToStatement(Yen));
                _account = null;
                break;
            case ('9', false, false):
                // :: Step 4
                _ended = true;
                ReadEnd(ref record);
                break;
            default:
                _reading.End(number, 1, $"a record {Shown(octets[0])} does not belong here: the order is 1, 2 …, 8 for each account, then 9");
                break;
        }
    }

    /// <summary>9, number of records N(10), number of accounts N(5); zero or blank says nothing. Results of direct debits have neither.</summary>
    private void ReadEnd(ref ZenginRecord record)
    {
        if (_kind == ZenginKind.DirectDebits)
        {
            return;
        }

        long records = record.Digits(10, "the number of records"), accounts = record.Digits(5, "the number of accounts");
        if (records != 0 && records != record.Number)
        {
            record.Fault(2, $"the file says {records} records, this is number {record.Number}");
        }

        if (accounts != 0 && accounts != _statements.Count)
        {
            record.Fault(12, $"the file says {accounts} accounts, {_statements.Count} were read");
        }
    }

    private static string Shown(byte octet) => octet is > 0x20 and < 0x7F ? ((char)octet).ToString() : $"0x{octet:X2}";
}
