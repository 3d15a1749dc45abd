using Tsunagi.BackOffice.Bank.Matching;

namespace Tsunagi.BackOffice.Bank.Import;

/// <summary>What is open while a file is gone through: a booking's match takes away what the next may pay.</summary>
internal sealed class OpenLedger
{
    private readonly MatchOptions _options;
    private readonly Dictionary<string, PayingAccount> _accounts;
    private readonly ILookup<string, OpenInvoice> _open;
    private readonly PaymentMatcher _all;
    private readonly Dictionary<string, long> _paid = [];
    private readonly HashSet<string> _touched = [];

    public OpenLedger(List<OpenInvoice> open, List<PayingAccount> accounts, MatchOptions options)
    {
        _options = options;
        _accounts = accounts.ToDictionary(account => account.AccountId);
        _open = open.ToLookup(invoice => invoice.AccountId);
        _all = new PaymentMatcher(open, accounts, options);
    }

    public PaymentMatch Match(BankEntry entry)
    {
        var match = _all.Match(entry);
        if (match.AccountId is not { } account || !_touched.Contains(account))
        {
            return match;
        }

        // An account paid before in this file: the same question against what it still owes, the payer being known already.
        var left = _open[account].Select(invoice => invoice with { OpenMinor = invoice.OpenMinor - _paid.GetValueOrDefault(invoice.Number) });
        if (match.Reason == MatchReason.AmountAlone)
        {
            return new PaymentMatcher(left, [], _options).Match(entry);
        }

        var again = new PaymentMatcher(left, [_accounts[account] with { Names = [.. _accounts[account].Names, entry.PayerName] }], _options).Match(entry with { PaidToAccount = null });
        return again.AccountId is null ? PaymentMatch.Nothing(MatchReason.NothingOpen, entry.AmountMinor, account) : again with { Reason = again.Grade == MatchGrade.None ? again.Reason : match.Reason };
    }

    public void Pay(PaymentMatch match)
    {
        _touched.Add(match.AccountId!);
        foreach (var part in match.Parts)
        {
            _paid[part.Number] = _paid.GetValueOrDefault(part.Number) + part.AmountMinor;
        }
    }
}
