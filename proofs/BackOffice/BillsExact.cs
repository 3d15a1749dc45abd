using System.Diagnostics;
using Tsunagi.Tests.BackOffice;
using Tsunagi.Tests.BackOffice.Ledger;

namespace Tsunagi.Proofs.BackOffice;

/// <summary>
/// Random lives of contracts in nine time zones and with closing days from 1 to 31: begun, changed, ended, corrected afterwards, with usage that comes late, twice and
/// out of order, under every price model and proration policy; billed month by month, and compared with a calculator that looks at every single day.
/// </summary>
internal sealed class BillsExact : IClaim
{
    private const int Lives = 10_000;

    public string Name => "billing.exact";

    public string Promise => "10,000 random timelines (order, duplicates, late facts, zones with DST, leap days, month ends) billed month by month come to the yen of a slow reference; ended and bought again nets to zero; what is billed in advance is earned to the yen of a slow walk";

    public bool IsCorrectness => true;

    public Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        progress.Say($"billing {Lives} timelines");
        var started = Stopwatch.GetTimestamp();
        var wrong = Enumerable.Range(1, Lives).AsParallel().WithCancellation(cancellationToken).Select(RandomContracts.Check).OfType<string>().Order(StringComparer.Ordinal).ToList();
        var again = Enumerable.Range(1, Lives).AsParallel().WithCancellation(cancellationToken).Select(RandomContracts.CheckBuyingAgain).OfType<string>().Order(StringComparer.Ordinal).ToList();
        var earned = Enumerable.Range(1, Lives).AsParallel().WithCancellation(cancellationToken).Select(RandomDeferrals.Check).OfType<string>().Order(StringComparer.Ordinal).ToList();
        foreach (var fault in wrong.Concat(again).Concat(earned).Take(5))
        {
            progress.Say(fault);
        }

        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.AtMost($"of {Lives:n0} timelines differ from the reference", wrong.Count, 0, "0", ""),
            Figure.AtMost($"of {Lives:n0} ends with a new beginning on the day do not net to zero", again.Count, 0, "0", ""),
            Figure.AtMost($"of {Lives:n0} deferrals (cut, credited, ended early, closed late and twice) are earned otherwise than a slow walk says", earned.Count, 0, "0", ""),
            new("took", $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"),
        ]);
    }
}
