using System.Globalization;
using System.Xml;
using Tsunagi.BackOffice.Kana;
using Tsunagi.Core.Rating;

namespace Tsunagi.BackOffice.Bank.Camt;

/// <summary>One Stmt while it is read.</summary>
internal sealed class CamtStatement
{
    private readonly BankReading _reading;
    private readonly List<BankEntry> _entries = [];
    private readonly int _line, _column;
    private string _account = "";
    private Currency? _currency;
    private DateOnly? _from, _to;
    private long? _opening, _closing;

    private CamtStatement(BankReading reading, int line, int column)
    {
        _reading = reading;
        _line = line;
        _column = column;
    }

    public static BankStatement? Read(XmlReader xml, BankReading reading)
    {
        var statement = new CamtStatement(reading, CamtNode.LineOf(xml), CamtNode.ColumnOf(xml));
        var depth = xml.Depth;
        while (!reading.IsOver && xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType == XmlNodeType.Element)
            {
                var elements = 0;
                if (CamtNode.Read(xml, reading, ref elements) is { } node)
                {
                    statement.Take(node);
                }
            }
        }

        return statement.Finish();
    }

    private void Take(CamtNode node)
    {
        switch (node.Name)
        {
            case "FrToDt":
                _from = Date(node.Find("FrDtTm") ?? node.Find("FrDt"));
                _to = Date(node.Find("ToDtTm") ?? node.Find("ToDt"));
                break;
            case "Acct":
                TakeAccount(node);
                break;
            case "Bal":
                TakeBalance(node);
                break;
            case "Ntry":
                TakeEntry(node);
                break;
            default:
                break;
        }
    }

    private void TakeAccount(CamtNode node)
    {
        _account = node.Value("Id", "IBAN") ?? node.Value("Id", "Othr", "Id") ?? "";
        if (_account.Length == 0)
        {
            _reading.Fault(node.Line, node.Column, "Acct names neither an IBAN nor another id");
        }

        if (node.Value("Ccy") is { } code)
        {
            SetCurrency(code, node);
        }
    }

    /// <summary>The first opening (OPBD, or PRCD of older senders) and the last closing (CLBD) count.</summary>
    private void TakeBalance(CamtNode node)
    {
        var kind = node.Value("Tp", "CdOrPrtry", "Cd");
        if (kind is "OPBD" or "PRCD" or "CLBD" && TryAmount(node, out var minor))
        {
            if (kind == "CLBD")
            {
                _closing = minor;
            }
            else if (_opening is null || kind == "OPBD")
            {
                _opening = minor;
            }
        }
    }

    private void TakeEntry(CamtNode entry)
    {
        // v02 has the status as text, later versions as a code; what is only pending is not booked.
        var status = entry.Value("Sts", "Cd") ?? entry.Value("Sts");
        if (status is not (null or "BOOK") || !_reading.Count(entry.Line) || !TryAmount(entry, out var total))
        {
            return;
        }

        if (Date(entry.Find("BookgDt", "Dt") ?? entry.Find("BookgDt", "DtTm")) is not { } booked)
        {
            _reading.Fault(entry.Line, entry.Column, "Ntry has no booking date");
            return;
        }

        var value = Date(entry.Find("ValDt", "Dt") ?? entry.Find("ValDt", "DtTm"));
        var isReversal = entry.Value("RvslInd") is "true" or "1";
        var parts = entry.All("NtryDtls").SelectMany(details => details.All("TxDtls")).ToList();
        if (parts.Count > 1 && TryParts(parts, total, out var amounts))
        {
            for (var i = 0; i < parts.Count; i++)
            {
                Add(entry, parts[i], booked, value, amounts[i], isReversal, isPart: true);
            }

            return;
        }

        Add(entry, parts.Count == 1 ? parts[0] : null, booked, value, total, isReversal, isPart: false);
    }

    /// <summary>The amounts of a batch's transactions, if each has one and they add up to the booking; otherwise the batch stays whole.</summary>
    private bool TryParts(List<CamtNode> parts, long total, out long[] amounts)
    {
        amounts = new long[parts.Count];
        long sum = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            var amount = parts[i].Find("Amt") ?? parts[i].Find("AmtDtls", "TxAmt", "Amt");
            if (amount is null || _currency is null || amount.Currency != _currency.Code || !BankAmount.TryParse(amount.Text, _currency, '.', out var minor)
                || long.MaxValue - Math.Abs(sum) < Math.Abs(minor))
            {
                return false;
            }

            amounts[i] = parts[i].Value("CdtDbtInd") is { } direction ? (direction == "DBIT" ? -minor : minor) : total < 0 ? -minor : minor;
            sum += amounts[i];
        }

        return sum == total;
    }

    private void Add(CamtNode entry, CamtNode? part, DateOnly booked, DateOnly? value, long amount, bool isReversal, bool isPart)
    {
        var party = part?.Find("RltdPties");
        var side = amount >= 0 ? "Dbtr" : "Cdtr";
        var name = party?.Value(side, "Nm") ?? party?.Value(side, "Pty", "Nm") ?? party?.Value("Ultmt" + side, "Nm") ?? party?.Value("Ultmt" + side, "Pty", "Nm") ?? "";
        var account = party?.Value(side + "Acct", "Id", "IBAN") ?? party?.Value(side + "Acct", "Id", "Othr", "Id");
        var paidTo = amount >= 0 ? party?.Value("CdtrAcct", "Id", "IBAN") ?? party?.Value("CdtrAcct", "Id", "Othr", "Id") : null;
        var reference = Reference(entry, part);
        var ownReference = part?.Value("Refs", "AcctSvcrRef") ?? (isPart ? null : entry.Value("AcctSvcrRef")) ?? part?.Value("Refs", "TxId");
        var batch = isPart ? entry.Value("AcctSvcrRef") : null;
        _entries.Add(new BankEntry
        {
            Id = ownReference is null && batch is null
                ? _reading.Id(_account, booked, amount, name, reference)
                : _reading.Id(_account, string.Create(CultureInfo.InvariantCulture, $"{booked:yyyyMMdd}|{batch}|{ownReference ?? PayerName.Normalise(name + reference)}|{amount}")),
            BookingDate = booked,
            ValueDate = value,
            AmountMinor = amount,
            Currency = _currency!.Code,
            IsReversal = isReversal,
            PayerName = name,
            PayerKey = PayerName.Normalise(name),
            PayerAccount = account,
            PaidToAccount = paidTo ?? _account,
            Reference = reference,
            Line = entry.Line,
        });
    }

    private static string Reference(CamtNode entry, CamtNode? part)
    {
        var remittance = part?.Find("RmtInf");
        var texts = (remittance?.All("Ustrd") ?? []).Select(text => text.Text)
            .Concat((remittance?.All("Strd") ?? []).Select(structured => structured.Value("CdtrRefInf", "Ref") ?? structured.Value("RfrdDocInf", "Nb") ?? ""))
            .Append(part?.Value("Refs", "EndToEndId") is { } endToEnd and not "NOTPROVIDED" ? endToEnd : "")
            .Append(part?.Value("AddtlTxInf") ?? (remittance is null ? entry.Value("AddtlNtryInf") : null) ?? "");
        return string.Join(" ", texts.Where(text => text.Length > 0));
    }

    private BankStatement? Finish()
    {
        if (!_reading.IsSound || _currency is null || _account.Length == 0)
        {
            if (_reading.IsSound)
            {
                _reading.Fault(_line, _column, "Stmt names no account or no amount");
            }

            return null;
        }

        // :: Step 3
        Int128 sum = _opening ?? 0;
        foreach (var entry in _entries)
        {
            sum += entry.AmountMinor;
        }

        if (_opening is not null && _closing is not null && sum != _closing)
        {
            _reading.Fault(_line, _column, $"opening balance and bookings give {sum} minor units of {_currency.Code}, the closing balance is {_closing}");
        }

        return new BankStatement(_account, _currency.Code) { From = _from, To = _to, OpeningMinor = _opening, ClosingMinor = _closing, Entries = _entries };
    }

    private void SetCurrency(string code, CamtNode at)
    {
        if (Currency.Find(code) is not { } currency)
        {
            _reading.Fault(at.Line, at.Column, $"currency {code} is not known");
        }
        else if (_currency is not null && _currency != currency)
        {
            _reading.Fault(at.Line, at.Column, $"an amount in {code} in a statement in {_currency.Code}");
        }
        else
        {
            _currency = currency;
        }
    }

    /// <summary>Amt with Ccy, and CdtDbtInd: credit above zero, debit below.</summary>
    private bool TryAmount(CamtNode node, out long minor)
    {
        minor = 0;
        if (node.Find("Amt") is not { Currency: { } code } amount)
        {
            _reading.Fault(node.Line, node.Column, $"{node.Name} has no amount with a currency");
            return false;
        }

        SetCurrency(code, amount);
        var direction = node.Value("CdtDbtInd");
        if (direction is not ("CRDT" or "DBIT"))
        {
            _reading.Fault(node.Line, node.Column, $"CdtDbtInd of {node.Name} is {direction ?? "absent"}, neither CRDT nor DBIT");
            return false;
        }

        if (_currency?.Code != code || !BankAmount.TryParse(amount.Text, _currency, '.', out minor) || minor < 0)
        {
            _reading.Fault(amount.Line, amount.Column, $"amount {amount.Text} {code} is no amount of {_currency?.Code ?? "a known currency"}");
            return false;
        }

        minor = direction == "DBIT" ? -minor : minor;
        return true;
    }

    /// <summary>"2026-10-31", or the day of "2026-10-31T09:00:00+09:00" as written there; null when there is none.</summary>
    private DateOnly? Date(CamtNode? node)
    {
        if (node is null)
        {
            return null;
        }

        if (node.Text.Length >= 10 && DateOnly.TryParseExact(node.Text.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date;
        }

        _reading.Fault(node.Line, node.Column, $"{node.Name} {node.Text} is no date");
        return null;
    }
}
