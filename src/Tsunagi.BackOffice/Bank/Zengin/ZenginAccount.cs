using System.Globalization;
using System.Runtime.InteropServices;
using Tsunagi.BackOffice.Kana;

namespace Tsunagi.BackOffice.Bank.Zengin;

/// <summary>
/// One account of a file while it is read: its header, the sums of its data records, its trailer. The fields and their lengths stand in the comment of each method
/// in the order of the record (全国銀行協会 レコード・フォーマット).
/// </summary>
internal sealed class ZenginAccount
{
    private const int NegativeBalance = 2;

    private readonly ZenginKind _kind;
    private readonly List<BankEntry> _entries = [];
    private readonly List<BankRefusal> _refusals = [];
    private string _account = "", _number = "";
    private DateOnly? _from, _to;
    private long? _opening, _closing;
    private Tally _in, _out;

    private ZenginAccount(ZenginKind kind) => _kind = kind;

    [StructLayout(LayoutKind.Auto)]
    private record struct Tally(long Count, long Minor)
    {
        public void Add(long minor) => (Count, Minor) = (Count + 1, Minor + minor);
    }

    public BankStatement ToStatement(string currency) => new(_account, currency)
    {
        From = _from, To = _to, OpeningMinor = _opening, ClosingMinor = _closing, Entries = _entries, Refusals = _refusals,
    };

    public static ZenginAccount ReadHeader(ref ZenginRecord record, ZenginKind kind, DateOnly asOf)
    {
        var account = new ZenginAccount(kind);
        record.Skip(3);
        if (kind == ZenginKind.DirectDebits)
        {
            account.ReadDebitHeader(ref record, asOf);
        }
        else
        {
            account.ReadBookingHeader(ref record, asOf);
        }

        return account;
    }

    public void ReadData(ref ZenginRecord record, DateOnly asOf, BankReading reading)
    {
        switch (_kind)
        {
            case ZenginKind.TransfersReceived:
                ReadTransfer(ref record, asOf, reading);
                break;
            case ZenginKind.Bookings:
                ReadBooking(ref record, asOf, reading);
                break;
            default:
                ReadDebit(ref record, reading);
                break;
        }
    }

    public void ReadTrailer(ref ZenginRecord record)
    {
        switch (_kind)
        {
            case ZenginKind.TransfersReceived:
                ReadTransferTrailer(ref record);
                break;
            case ZenginKind.Bookings:
                ReadBookingTrailer(ref record);
                break;
            default:
                ReadDebitTrailer(ref record);
                break;
        }
    }

    /// <summary>
    /// 1, kind N(2), code N(1), made N(6), from N(6), to N(6), bank N(4), its name C(15), branch N(3), its name C(15);
    /// kind 01: account kind N(1), number N(7), holder C(40); kind 03: N(3), account kind N(1), number N(10), holder C(40), sign N(1), book N(1), opening N(14).
    /// </summary>
    private void ReadBookingHeader(ref ZenginRecord record, DateOnly asOf)
    {
        record.Skip(6);
        _from = record.OptionalDate("the first day", asOf);
        _to = record.OptionalDate("the last day", asOf);
        var bank = record.Code(4, "the bank");
        record.Skip(15);
        var branch = record.Code(3, "the branch");
        record.Skip(15 + (_kind == ZenginKind.Bookings ? 3 : 0));
        var accountKind = record.Code(1, "the kind of account");
        _number = record.Code(_kind == ZenginKind.Bookings ? 10 : 7, "the account number");
        _number = _number.Length > 7 ? _number.TrimStart('0').PadLeft(7, '0') : _number;
        _account = $"{bank}-{branch}-{accountKind}-{_number}";
        record.Skip(40);
        if (_kind == ZenginKind.Bookings)
        {
            var isNegative = record.Digits(1, "the sign of the balance") == NegativeBalance;
            record.Skip(1);
            var balance = record.Digits(14, "the opening balance");
            _opening = isNegative ? -balance : balance;
        }
    }

    /// <summary>1, kind N(2), code N(1), our code N(10), our name C(40), day N(4), bank N(4), its name C(15), branch N(3), its name C(15), account kind N(1), number N(7).</summary>
    private void ReadDebitHeader(ref ZenginRecord record, DateOnly asOf)
    {
        record.Skip(10 + 40);
        _from = _to = record.MonthDay("the day of the debit", asOf);
        var bank = record.Code(4, "the bank");
        record.Skip(15);
        var branch = record.Code(3, "the branch");
        record.Skip(15);
        var accountKind = record.Code(1, "the kind of account");
        _number = record.Code(7, "the account number");
        _account = $"{bank}-{branch}-{accountKind}-{_number}";
    }

    /// <summary>
    /// 2, inquiry number N(6), booked N(6), value N(6), amount N(10), of it other banks' cheques N(10), payer's code N(10), payer C(48), from bank C(15), branch C(15),
    /// taken back C(1), EDI C(20).
    /// </summary>
    private void ReadTransfer(ref ZenginRecord record, DateOnly asOf, BankReading reading)
    {
        var inquiry = record.Code(6, "the inquiry number");
        var booked = record.Date("the booking date", asOf);
        var value = record.OptionalDate("the value date", asOf);
        var amount = record.Digits(10, "the amount");
        record.Skip(10);
        var payerCode = record.Code(10, "the payer's code");
        var payer = record.Text(48, "the payer's name");
        record.Skip(15 + 15);
        var isReversal = record.Digits(1, "the mark of a transfer taken back") == 1;
        var edi = record.Text(20, "the EDI information");
        (isReversal ? ref _out : ref _in).Add(amount);
        Add(ref record, reading, inquiry, booked, value, isReversal ? -amount : amount, payerCode, payer, edi, isReversal);
    }

    /// <summary>
    /// 2, inquiry number N(8), booked N(6), value N(6), in 1 or out 2 N(1), kind N(2), amount N(12), cheques N(12), presented N(6), returned N(6), bill kind N(1), bill N(7),
    /// branch N(3), payer's code N(10), payer C(48), from bank C(15), branch C(15), summary C(20), EDI C(20).
    /// </summary>
    private void ReadBooking(ref ZenginRecord record, DateOnly asOf, BankReading reading)
    {
        var inquiry = record.Code(8, "the inquiry number");
        var booked = record.Date("the booking date", asOf);
        var value = record.OptionalDate("the value date", asOf);
        var direction = record.Digits(1, "in or out");
        record.Skip(2);
        var amount = record.Digits(12, "the amount");
        record.Skip(12 + 6 + 6 + 1 + 7 + 3);
        var payerCode = record.Code(10, "the payer's code");
        var payer = record.Text(48, "the payer's name");
        record.Skip(15 + 15);
        var summary = record.Text(20, "the summary");
        var edi = record.Text(20, "the EDI information");
        if (direction is not (1 or 2))
        {
            record.Fault(22, $"in or out is {direction}, which is neither 1 nor 2");
        }

        (direction == 1 ? ref _in : ref _out).Add(amount);
        Add(ref record, reading, inquiry, booked, value, direction == 1 ? amount : -amount, payerCode, payer, edi.Length > 0 ? edi : summary, isReversal: false);
    }

    private void Add(ref ZenginRecord record, BankReading reading, string inquiry, DateOnly booked, DateOnly? value, long amount, string payerCode, string payer, string reference, bool isReversal)
    {
        if (!record.IsSound)
        {
            return;
        }

        var code = payerCode.Trim('0');
        _entries.Add(new BankEntry
        {
            Id = inquiry.Trim('0').Length == 0
                ? reading.Id(_account, booked, amount, payer, reference)
                : reading.Id(_account, string.Create(CultureInfo.InvariantCulture, $"{booked:yyyyMMdd}|{inquiry}|{amount}")),
            BookingDate = booked,
            ValueDate = value,
            AmountMinor = amount,
            Currency = "JPY",
            IsReversal = isReversal,
            PayerName = payer,
            PayerKey = PayerName.Normalise(payer),
            PayerAccount = code.Length == 0 ? null : payerCode,
            PaidToAccount = _number,
            Reference = reference,
            Line = record.Number,
        });
    }

    /// <summary>
    /// 2, bank N(4), its name C(15), branch N(3), its name C(15), C(4), account kind N(1), number N(7), holder C(30), amount N(10), new C(1), customer number C(20), result C(1).
    /// </summary>
    private void ReadDebit(ref ZenginRecord record, BankReading reading)
    {
        record.Skip(4 + 15 + 3 + 15 + 4 + 1 + 7);
        var holder = record.Text(30, "the holder's name");
        var amount = record.Digits(10, "the amount");
        record.Skip(1);
        var customer = record.Text(20, "the customer number");
        var result = record.Code(1, "the result");
        if (!record.IsSound)
        {
            return;
        }

        if (result != "0")
        {
            _out.Add(amount);
            _refusals.Add(new BankRefusal(customer, holder, amount, result.Length == 0 ? ' ' : result[0], record.Number));
            return;
        }

        _in.Add(amount);
        _entries.Add(new BankEntry
        {
            Id = reading.Id(_account, string.Create(CultureInfo.InvariantCulture, $"debit|{_from:yyyyMMdd}|{customer}|{amount}")),
            BookingDate = _from!.Value,
            AmountMinor = amount,
            Currency = "JPY",
            PayerName = holder,
            PayerKey = PayerName.Normalise(holder),
            PayerAccount = customer,
            Line = record.Number,
        });
    }

    /// <summary>8, transfers N(6), their sum N(12), taken back N(6), their sum N(12).</summary>
    private void ReadTransferTrailer(ref ZenginRecord record)
    {
        Check(ref record, 2, record.Digits(6, "the number of transfers"), _in.Count, "transfers");
        Check(ref record, 8, record.Digits(12, "the sum of transfers"), _in.Minor, "yen of transfers");
        Check(ref record, 20, record.Digits(6, "the number taken back"), _out.Count, "transfers taken back");
        Check(ref record, 26, record.Digits(12, "the sum taken back"), _out.Minor, "yen taken back");
    }

    /// <summary>8, in N(6), sum N(13), out N(6), sum N(13), sign N(1), closing N(14), data records N(7).</summary>
    private void ReadBookingTrailer(ref ZenginRecord record)
    {
        Check(ref record, 2, record.Digits(6, "the number in"), _in.Count, "bookings in");
        Check(ref record, 8, record.Digits(13, "the sum in"), _in.Minor, "yen in");
        Check(ref record, 21, record.Digits(6, "the number out"), _out.Count, "bookings out");
        Check(ref record, 27, record.Digits(13, "the sum out"), _out.Minor, "yen out");
        var isNegative = record.Digits(1, "the sign of the balance") == NegativeBalance;
        var balance = record.Digits(14, "the closing balance");
        _closing = isNegative ? -balance : balance;
        Check(ref record, 41, _closing.Value, _opening!.Value + _in.Minor - _out.Minor, "yen of closing balance");
        Check(ref record, 55, record.Digits(7, "the number of data records"), _in.Count + _out.Count, "data records");
    }

    /// <summary>8, all N(6), sum N(12), done N(6), sum N(12), refused N(6), sum N(12).</summary>
    private void ReadDebitTrailer(ref ZenginRecord record)
    {
        Check(ref record, 2, record.Digits(6, "the number of debits"), _in.Count + _out.Count, "debits");
        Check(ref record, 8, record.Digits(12, "the sum of debits"), _in.Minor + _out.Minor, "yen of debits");
        Check(ref record, 20, record.Digits(6, "the number done"), _in.Count, "debits done");
        Check(ref record, 26, record.Digits(12, "the sum done"), _in.Minor, "yen of debits done");
        Check(ref record, 38, record.Digits(6, "the number refused"), _out.Count, "debits refused");
        Check(ref record, 44, record.Digits(12, "the sum refused"), _out.Minor, "yen of debits refused");
    }

    private static void Check(ref ZenginRecord record, int column, long said, long counted, string what)
    {
        if (said != counted)
        {
            record.Fault(column, string.Create(CultureInfo.InvariantCulture, $"the trailer says {said} {what}, the data records give {counted}"));
        }
    }
}
