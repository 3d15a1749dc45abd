using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>Under the lines: tax per rate at the left and totals at the right, kept together; then how to pay, then notes.</summary>
internal sealed partial class InvoiceLayout
{
    private const double RowHeight = 15, TaxWidth = 288, TotalsLeft = Left + 304, StrongSize = 10, ValueWidth = 110;

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

        _y = Math.Max(left, _y) + 14;
    }

    private void ComposeTax(bool hasReduced)
    {
        double net = Left + 156, tax = Left + 216, gross = Left + TaxWidth - 6;
        _page.Box(Left, _y, TaxWidth, HeadHeight, Ink.Tint);
        var baseline = _y + 11.5;
        _page.Text(Set(_words.TaxHead, FontWeight.Bold), Left + 6, baseline, Small, Ink.Accent);
        _page.TextRight(Set(_words.TaxableAmount, FontWeight.Bold), net, baseline, Small, Ink.Accent);
        _page.TextRight(Set(_words.TaxAmount, FontWeight.Bold), tax, baseline, Small, Ink.Accent);
        _page.TextRight(Set(_words.GrossAmount, FontWeight.Bold), gross, baseline, Small, Ink.Accent);
        _y += HeadHeight;
        foreach (var subtotal in document.TaxSubtotals)
        {
            baseline = _y + 11;
            _page.Text(Set(_words.Rate(subtotal.Category, subtotal.RatePercent, compact: false)), Left + 6, baseline, Small, Ink.Black);
            Figure(Set(document.Format(subtotal.NetMinor)), net, net - Left - 90, baseline, Normal, Ink.Black);
            Figure(Set(document.Format(subtotal.TaxMinor)), tax, tax - net - 4, baseline, Normal, Ink.Black);
            Figure(Set(document.Format(subtotal.GrossMinor)), gross, gross - tax - 4, baseline, Normal, Ink.Black);
            _y += RowHeight;
            _page.Line(Left, _y, Left + TaxWidth, _y, 0.4, Ink.Rule);
        }

        if (hasReduced)
        {
            _page.Text(Set(_words.ReducedNote), Left + 6, _y + 11, Small, Ink.Grey);
            _y += 16;
        }
    }

    /// <summary>One row of the totals, its label cut into lines.</summary>
    private readonly record struct TotalRow(List<SetText> Label, SetText Value, bool IsStrong)
    {
        public double Height => (IsStrong ? 21 : RowHeight) + (SmallLeading * (Label.Count - 1));
    }

    private TotalRow Total(string label, long minor, bool isStrong = false)
    {
        var weight = isStrong ? FontWeight.Bold : FontWeight.Regular;
        var value = Set(document.Format(minor), weight);
        var width = Right - TotalsLeft - Math.Min(value.Width(isStrong ? StrongSize : Normal), ValueWidth) - 18;
        return new TotalRow(LineBreaks.Wrap(Set(label, weight), isStrong ? Normal : Small, width), value, isStrong);
    }

    private IEnumerable<TotalRow> Totals()
    {
        yield return Total(_words.Net, document.NetMinor);
        yield return Total(_words.Tax, document.TaxMinor);
        yield return Total(_words.Total(document.Kind), document.TotalMinor, isStrong: true);
        var account = _words.Account(document).ToList();
        foreach (var (label, minor) in account)
        {
            yield return Total(label, minor);
        }

        if (account.Count > 0)
        {
            yield return Total(_words.AmountDue, document.AmountDueMinor, isStrong: true);
        }
    }

    private void ComposeTotal(TotalRow total)
    {
        if (total.IsStrong)
        {
            _page.Box(TotalsLeft, _y + 1, Right - TotalsLeft, total.Height - 2, Ink.Tint);
        }

        var baseline = _y + (total.IsStrong ? 14 : 10.5);
        for (var i = 0; i < total.Label.Count; i++)
        {
            _page.Text(total.Label[i], TotalsLeft + 6, baseline + (i * SmallLeading), total.IsStrong ? Normal : Small, Ink.Black);
        }

        Figure(total.Value, AmountRight, ValueWidth, baseline, total.IsStrong ? StrongSize : Normal, total.IsStrong ? Ink.Accent : Ink.Black);
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

        // Two columns: where the money goes, and in whose name.
        const double Column = 246, LabelWidth = 62, RowHeightHere = 13.5;
        var columns = _words.PaymentRows(bank, document.Number).GroupBy(row => row.Group)
            .Select(column => column.Select(row => (row.Label, Lines: LineBreaks.Wrap(Set(row.Value), 9, Column - LabelWidth - 12))).ToList()).ToList();
        var height = 24 + (columns.Max(column => column.Sum(row => Math.Max(1, row.Lines.Count))) * RowHeightHere) + 4;
        Need(height + 6);
        _page.Box(Left, _y, Width, height, Ink.Tint);
        _page.Text(Set(_words.PayTo, FontWeight.Bold), Left + 10, _y + 15, 9, Ink.Accent);
        for (var i = 0; i < columns.Count; i++)
        {
            double x = Left + 10 + (i * Column), y = _y + 21;
            foreach (var (label, lines) in columns[i])
            {
                _page.Text(Set(label), x, y + 9.5, Small, Ink.Grey);
                foreach (var line in lines)
                {
                    _page.Text(line, x + LabelWidth, y + 9.5, 9, Ink.Black);
                    y += RowHeightHere;
                }
            }
        }

        _y += height + 12;
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
