using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>Under the lines: tax per rate at the left and totals at the right, kept together; then how to pay, then notes.</summary>
internal sealed partial class InvoiceLayout
{
    private const double RowHeight = 16, TaxWidth = 262, TotalsLeft = Left + 286;

    private void ComposeTotals()
    {
        var totals = Totals().ToList();
        var hasReduced = document.Lines.Any(line => line.TaxCategory == TaxCategory.Reduced);
        var taxHeight = HeadHeight + (RowHeight * document.TaxSubtotals.Count) + (hasReduced ? 16 : 0);
        Need(Math.Min(Math.Max(taxHeight, totals.Sum(total => total.Height)) + 18, Bottom - Top - 40));
        var top = _y;
        ComposeTax(hasReduced);
        var left = _y;
        _y = top;
        foreach (var total in totals)
        {
            if (Need(total.Height))
            {
                left = Top;
            }

            ComposeTotal(total);
        }

        _y = Math.Max(left, _y) + 16;
    }

    private void ComposeTax(bool hasReduced)
    {
        double net = Left + 146, tax = Left + 200, gross = Left + TaxWidth - 6;
        _page.Box(Left, _y, TaxWidth, HeadHeight, Ink.Tint);
        var baseline = _y + 12;
        _page.Text(Set(_words.TaxHead, FontWeight.Bold), Left + 6, baseline, Small, Ink.Accent);
        _page.TextRight(Set(_words.TaxableAmount, FontWeight.Bold), net, baseline, Small, Ink.Accent);
        _page.TextRight(Set(_words.TaxAmount, FontWeight.Bold), tax, baseline, Small, Ink.Accent);
        _page.TextRight(Set(_words.GrossAmount, FontWeight.Bold), gross, baseline, Small, Ink.Accent);
        _y += HeadHeight;
        foreach (var subtotal in document.TaxSubtotals)
        {
            baseline = _y + 11;
            _page.Text(Set(_words.Rate(subtotal.Category, subtotal.RatePercent, compact: false)), Left + 6, baseline, Small, Ink.Black);
            _page.TextRight(Set(document.Format(subtotal.NetMinor)), net, baseline, Normal, Ink.Black);
            _page.TextRight(Set(document.Format(subtotal.TaxMinor)), tax, baseline, Normal, Ink.Black);
            _page.TextRight(Set(document.Format(subtotal.GrossMinor)), gross, baseline, Normal, Ink.Black);
            _y += RowHeight;
            _page.Line(Left, _y, Left + TaxWidth, _y, 0.4, Ink.Rule);
        }

        if (hasReduced)
        {
            _page.Text(Set(_words.ReducedNote), Left + 6, _y + 11, Small, Ink.Grey);
            _y += 16;
        }
    }

    /// <summary>One row of the totals.</summary>
    private readonly record struct TotalRow(string Label, string Value, bool IsStrong)
    {
        public double Height => IsStrong ? 22 : RowHeight;
    }

    private IEnumerable<TotalRow> Totals()
    {
        yield return new TotalRow(_words.Net, document.Format(document.NetMinor), IsStrong: false);
        yield return new TotalRow(_words.Tax, document.Format(document.TaxMinor), IsStrong: false);
        var hasAccount = document.PreviousBalanceMinor != 0 || document.Payments.Count > 0 || document.Credits.Count > 0 || document.AmountDueMinor != document.TotalMinor;
        var isInvoice = document.Kind == DocumentKind.Invoice;
        yield return new TotalRow(_words.Total(document.Kind), document.Format(document.TotalMinor), IsStrong: true);
        if (!hasAccount || !isInvoice)
        {
            yield break;
        }

        if (document.PreviousBalanceMinor != 0 || document.Payments.Count > 0)
        {
            yield return new TotalRow(_words.PreviousBalance, document.Format(document.PreviousBalanceMinor), IsStrong: false);
        }

        foreach (var movement in document.Payments)
        {
            yield return new TotalRow(Label(_words.Payment, movement), document.Format(-movement.AmountMinor), IsStrong: false);
        }

        foreach (var movement in document.Credits)
        {
            yield return new TotalRow(Label(_words.Credit, movement), document.Format(-movement.AmountMinor), IsStrong: false);
        }

        yield return new TotalRow(_words.AmountDue, document.Format(document.AmountDueMinor), IsStrong: true);
    }

    private string Label(string kind, DocumentMovement movement) =>
        string.Join(" ", new[] { kind, _words.Date(movement.Date), movement.Reference ?? movement.Description }.Where(part => part.Length > 0));

    private void ComposeTotal(TotalRow total)
    {
        if (total.IsStrong)
        {
            _page.Box(TotalsLeft, _y + 1, Right - TotalsLeft, total.Height - 2, Ink.Tint);
        }

        var (weight, size, baseline) = total.IsStrong ? (FontWeight.Bold, 10d, _y + 14.5) : (FontWeight.Regular, Normal, _y + 11);
        var value = Set(total.Value, weight);
        _page.TextRight(value, AmountRight, baseline, size, total.IsStrong ? Ink.Accent : Ink.Black);
        _page.Text(Fit(Set(total.Label, weight), total.IsStrong ? Normal : Small, Right - TotalsLeft - value.Width(size) - 18), TotalsLeft + 6, baseline, total.IsStrong ? Normal : Small, Ink.Black);
        _y += total.Height;
        _page.Line(TotalsLeft, _y, Right, _y, 0.4, Ink.Rule);
    }

    private void ComposePayment()
    {
        if (document.Kind == DocumentKind.Invoice && document.PaymentMethod is (PaymentMethod.DirectDebit or PaymentMethod.Card))
        {
            Need(20);
            _y += Paragraph(document.PaymentMethod == PaymentMethod.Card ? _words.Card : _words.DirectDebit, Left, _y, Width, Normal, 13, Ink.Black) + 8;
        }

        if (document.Bank is not { } bank)
        {
            return;
        }

        var rows = PaymentRows(bank).Where(row => row.Value.Length > 0)
            .Select(row => (row.Label, Lines: LineBreaks.Wrap(Set(row.Value), 9, Width - 110))).ToList();
        var height = 26 + rows.Sum(row => Math.Max(1, row.Lines.Count) * 14);
        Need(height + 6);
        _page.Box(Left, _y, Width, height, Ink.Tint);
        _page.Text(Set(_words.PayTo, FontWeight.Bold), Left + 10, _y + 15, 9, Ink.Accent);
        var y = _y + 22;
        foreach (var (label, lines) in rows)
        {
            _page.Text(Set(label), Left + 10, y + 9.5, Small, Ink.Grey);
            foreach (var line in lines)
            {
                _page.Text(line, Left + 92, y + 9.5, 9, Ink.Black);
                y += 14;
            }
        }

        _y += height + 14;
    }

    private IEnumerable<(string Label, string Value)> PaymentRows(BankDetails bank)
    {
        yield return (_words.Bank, _words.WithCode(bank.BankName, bank.BankCode));
        if (bank.BranchName is { } branch)
        {
            yield return (_words.Branch, _words.WithCode(branch, bank.BranchCode));
        }

        if (bank.AccountNumber is not null)
        {
            yield return (_words.Account, _words.AccountOf(bank));
        }

        yield return (_words.AccountHolder, bank.AccountHolder);
        yield return ("IBAN", bank.Iban ?? "");
        yield return ("BIC", bank.Bic ?? "");
        yield return (_words.PaymentReference, bank.PaymentReference ?? document.Number);
    }

    private void ComposeNotes()
    {
        if (document.Notes.Count == 0)
        {
            return;
        }

        Need(30);
        _y += Paragraph(_words.Notes, Left, _y, Width, Normal, 13, Ink.Accent, FontWeight.Bold) + 2;
        foreach (var note in document.Notes)
        {
            foreach (var line in LineBreaks.Wrap(Set(note), Normal, Width))
            {
                Need(12);
                _page.Text(line, Left, _y + 8, Normal, Ink.Black);
                _y += 12;
            }

            _y += 3;
        }
    }
}
