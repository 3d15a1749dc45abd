using Tsunagi.BackOffice.Kana;

namespace Tsunagi.BackOffice.Bank.Matching;

/// <summary>
/// Says which invoices a booking pays. Made once for an import from what is open and what payers are known by; a pure function of both and the booking: nothing is stored,
/// and nothing is remembered from one booking to the next (the caller books a match before it asks about the next of the same account).
/// </summary>
/// <remarks>
/// A booking's way:
/// (1) Marks of the payer are read from the strongest to the weakest: virtual account, invoice number, customer's number, payer's account, payer's name.
/// (2) The amount is held against what that account owes: the invoices named, one, several, short by a fee, in part, over.
/// (3) Without a mark, an amount that only one open invoice has makes a probable match.
/// </remarks>
public sealed class PaymentMatcher
{
    /// <summary>Shorter numbers stand in references by chance.</summary>
    private const int MinNumberLength = 4;

    private readonly MatchOptions _options;
    private readonly ILookup<string, OpenInvoice> _open;
    private readonly Dictionary<string, OpenInvoice> _byNumber = [];
    private readonly ILookup<(string Currency, long Minor), OpenInvoice> _byAmount;
    private readonly Dictionary<string, string?> _virtualAccounts = [], _customerNumbers = [], _payerAccounts = [], _names = [];

    public PaymentMatcher(IEnumerable<OpenInvoice> open, IEnumerable<PayingAccount> accounts, MatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(accounts);
        _options = options ?? throw new ArgumentNullException(nameof(options));
        var invoices = open.Where(invoice => invoice.OpenMinor > 0).OrderBy(invoice => invoice.DueDate).ThenBy(invoice => invoice.Number, StringComparer.Ordinal).ToList();
        _open = invoices.ToLookup(invoice => invoice.AccountId);
        _byAmount = invoices.ToLookup(invoice => (invoice.Currency, invoice.OpenMinor));
        invoices.Where(invoice => Token(invoice.Number).Length >= MinNumberLength).ToList().ForEach(invoice => _byNumber.TryAdd(Token(invoice.Number), invoice));
        foreach (var account in accounts)
        {
            Learn(_virtualAccounts, account.VirtualAccount?.TrimStart('0'), account);
            Learn(_customerNumbers, account.CustomerNumber is { } number && Token(number).Length >= MinNumberLength ? Token(number) : null, account);
            account.PayerAccounts.ToList().ForEach(payer => Learn(_payerAccounts, payer, account));
            account.Names.ToList().ForEach(name => Learn(_names, PayerName.Normalise(name), account));
        }
    }

    public PaymentMatch Match(BankEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.AmountMinor <= 0 || entry.IsReversal)
        {
            return PaymentMatch.Nothing(MatchReason.NotAPayment, entry.AmountMinor);
        }

        // :: Step 1
        var tokens = Tokens(entry.Reference);
        var named = tokens.Select(token => _byNumber.GetValueOrDefault(token)).OfType<OpenInvoice>().Where(invoice => invoice.Currency == entry.Currency).Distinct().ToList();
        var (account, reason) = FindPayer(entry, tokens, named);

        // :: Step 3
        if (account is null)
        {
            return reason == MatchReason.Ambiguous ? PaymentMatch.Nothing(reason, entry.AmountMinor) : ByAmountAlone(entry);
        }

        // :: Step 2
        named.RemoveAll(invoice => invoice.AccountId != account);
        return Allocate(entry, account, reason, named);
    }

    private (string? Account, MatchReason Reason) FindPayer(BankEntry entry, HashSet<string> tokens, List<OpenInvoice> named)
    {
        // A virtual account stands above what the payer wrote.
        if (entry.PaidToAccount is { } paidTo && _virtualAccounts.TryGetValue(paidTo.TrimStart('0'), out var account) && account is not null)
        {
            return (account, MatchReason.VirtualAccount);
        }

        var written = named.Select(invoice => invoice.AccountId).Distinct().ToList();
        if (written.Count > 0)
        {
            return written.Count == 1 ? (written[0], MatchReason.InvoiceNumber) : (null, MatchReason.Ambiguous);
        }

        var numbers = tokens.Append(Token(entry.PayerAccount ?? "")).Select(token => _customerNumbers.GetValueOrDefault(token)).OfType<string>().Distinct().ToList();
        if (numbers.Count > 0)
        {
            return numbers.Count == 1 ? (numbers[0], MatchReason.CustomerNumber) : (null, MatchReason.Ambiguous);
        }

        if (entry.PayerAccount is { Length: > 0 } payer && _payerAccounts.TryGetValue(payer, out account) && account is not null)
        {
            return (account, MatchReason.PayerAccount);
        }

        return entry.PayerKey.Length > 0 && _names.TryGetValue(entry.PayerKey, out account)
            ? (account, account is null ? MatchReason.Ambiguous : MatchReason.PayerName)
            : (null, MatchReason.UnknownPayer);
    }

    private PaymentMatch Allocate(BankEntry entry, string account, MatchReason reason, List<OpenInvoice> named)
    {
        var open = _open[account].Where(invoice => invoice.Currency == entry.Currency).ToList();
        if (open.Count == 0)
        {
            return PaymentMatch.Nothing(MatchReason.NothingOpen, entry.AmountMinor, account);
        }

        // The invoices the payer named count first, together; then any one, then combinations.
        if (named.Count > 0 && Sum(named) is var wanted && (wanted == entry.AmountMinor || IsFee(wanted - entry.AmountMinor)))
        {
            return Paid(entry, account, reason, wanted == entry.AmountMinor ? named.Count == 1 ? MatchFit.One : MatchFit.Several : MatchFit.ShortByFee, named);
        }

        return Combined(entry, account, reason, open, feeMinor: 0)
            ?? _options.FeesMinor.Select(fee => Combined(entry, account, reason, open, fee)).FirstOrDefault(match => match is not null)
            ?? OldestFirst(entry, account, reason, named.Count > 0 ? [.. named, .. open.Except(named)] : open);
    }

    private PaymentMatch? Combined(BankEntry entry, string account, MatchReason reason, List<OpenInvoice> open, long feeMinor)
    {
        var target = entry.AmountMinor + feeMinor;
        var fit = feeMinor == 0 ? MatchFit.One : MatchFit.ShortByFee;
        var single = open.Where(invoice => invoice.OpenMinor == target).ToList();
        if (single.Count > 0)
        {
            return Paid(entry, account, reason, single.Count == 1 ? fit : MatchFit.OneOfMany, [single[0]]);
        }

        var tried = open.Take(_options.MaxCombined).ToList();
        Combination.Find([.. tried.Select(invoice => invoice.OpenMinor)], target, out var mask, out var isOnly);
        if (mask == 0)
        {
            return null;
        }

        var chosen = tried.Where((_, i) => (mask & (1 << i)) != 0).ToList();
        return Paid(entry, account, reason, feeMinor > 0 ? MatchFit.ShortByFee : isOnly ? MatchFit.Several : MatchFit.OneOfMany, chosen);
    }

    private static PaymentMatch Paid(BankEntry entry, string account, MatchReason reason, MatchFit fit, List<OpenInvoice> invoices)
    {
        var grade = fit is MatchFit.One or MatchFit.Several ? MatchGrade.Exact : MatchGrade.Probable;
        return new PaymentMatch(grade, reason, fit, account, [.. invoices.OrderBy(invoice => invoice.DueDate).Select(invoice => new MatchedPart(invoice.Number, invoice.OpenMinor))], Sum(invoices) - entry.AmountMinor, 0);
    }

    private static PaymentMatch OldestFirst(BankEntry entry, string account, MatchReason reason, List<OpenInvoice> open)
    {
        var left = entry.AmountMinor;
        var parts = new List<MatchedPart>();
        foreach (var invoice in open)
        {
            if (left == 0)
            {
                break;
            }

            var part = Math.Min(left, invoice.OpenMinor);
            parts.Add(new MatchedPart(invoice.Number, part));
            left -= part;
        }

        return new PaymentMatch(MatchGrade.Probable, reason, left > 0 ? MatchFit.Over : MatchFit.Partial, account, parts, 0, left);
    }

    private PaymentMatch ByAmountAlone(BankEntry entry)
    {
        var same = _byAmount[(entry.Currency, entry.AmountMinor)].Take(2).ToList();
        return same.Count == 1
            ? new PaymentMatch(MatchGrade.Probable, MatchReason.AmountAlone, MatchFit.One, same[0].AccountId, [new MatchedPart(same[0].Number, same[0].OpenMinor)], 0, 0)
            : PaymentMatch.Nothing(MatchReason.UnknownPayer, entry.AmountMinor);
    }

    private bool IsFee(long minor) => minor > 0 && _options.FeesMinor.Contains(minor);

    private static long Sum(List<OpenInvoice> invoices) => invoices.Sum(invoice => invoice.OpenMinor);

    /// <summary>A mark that two accounts share points to neither.</summary>
    private static void Learn(Dictionary<string, string?> marks, string? mark, PayingAccount account)
    {
        if (mark is { Length: > 0 } && !marks.TryAdd(mark, account.AccountId) && marks[mark] != account.AccountId)
        {
            marks[mark] = null;
        }
    }

    /// <summary>Numbers as payers write them: "2026-000123", "２０２６－０００１２３" and "2026000123" are one.</summary>
    private static string Token(string number) => string.Concat(PayerName.Narrow(number).Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();

    /// <summary>The words of a reference, each alone and joined with the next: numbers are broken by hyphens and spaces.</summary>
    private static HashSet<string> Tokens(string reference)
    {
        var words = Words(reference);
        var tokens = new HashSet<string>(words);
        for (var i = 0; i < words.Count; i++)
        {
            var joined = words[i];
            for (var j = i + 1; j < words.Count && j <= i + 3; j++)
            {
                tokens.Add(joined += words[j]);
            }
        }

        return tokens;
    }

    private static List<string> Words(string reference)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        foreach (var c in PayerName.Narrow(reference).Append(' '))
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                word.Append(char.ToUpperInvariant(c));
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return words;
    }
}
