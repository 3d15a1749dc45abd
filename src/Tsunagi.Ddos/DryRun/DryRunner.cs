using Tsunagi.Core.Store;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.DryRun;

/// <summary>
/// One dry run: (1) incidents that were recorded are facts and come first, (2) where records are not kept any more, sums say what they can, the finest there are (<see cref="SumFindings"/>), (3) records that are kept go through the
/// detector and the making of rules as they run now (<see cref="DryRunReplay"/>), (4) and once more, beside attacks, past the rules that came of it, (5) and all is put together with what is not known. It announces nothing and
/// changes nothing; on a thread of its own, one at a time.
/// </summary>
internal sealed class DryRunner(Stores stores, DdosOptions options, ProtectionContracts contracts, Ledger ledger, Baselines baselines, FlowCollector collector, FlowSegments segments, RollupFiles rolled, TimeProvider time)
{
    /// <summary>No rule was found.</summary>
    public const string None = "none";

    internal const int MostListed = 500;
    private const int MostGaps = 100;
    private const long HourMilliseconds = 3_600_000;
    private const long SameMicros = 60_000_000;

    // Rows of so many steps are held at a time.
    private const int StepsTogether = 12;

    // Of the whole: sums are read once, records once or twice.
    private const double SumsPart = 0.1;

    /// <param name="told">How far it has come, 0 to 1.</param>
    /// <exception cref="OperationCanceledException">The program stops.</exception>
    /// <exception cref="StoreUnavailableException">What was recorded cannot be read.</exception>
    public async Task<DryRunReport> RunAsync(Protection protection, string mode, int days, long toMilliseconds, Action<double> told, CancellationToken cancellationToken)
    {
        var from = toMilliseconds - (days * 24 * HourMilliseconds);

        // (1)
        var (recorded, count) = await RecordedAsync(protection, mode, from * 1_000, toMilliseconds * 1_000, cancellationToken);
        using var longest = new CancellationTokenSource(options.DryRun.Longest, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellationToken);
        return await Task.Factory.StartNew(() => Read(protection, mode, days, from, toMilliseconds, recorded, count, told, over.Token, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private DryRunReport Read(
        Protection protection, string mode, int days, long from, long to, IReadOnlyList<RecordedIncident> recorded, long recordedCount, Action<double> told, CancellationToken over, CancellationToken cancellationToken)
    {
        var coverage = new DryRunCoverage(from, to);
        var records = new KeptRecords(segments);
        var kept = records.Of(from, to);
        var rawFrom = kept.Count == 0 ? to : Math.Max(from, kept[0].First);

        // (2)
        var sums = new KeptSums(rolled);
        var findings = new SumFindings(protection, options.Detect.UsualTimes, MostListed, options.DryRun.MostKinds);
        ReadSums(sums, findings, protection.Subscription, coverage, from, rawFrom, part => told(part * SumsPart), over);

        // (3)
        List<BaselineEntry> usual;
        lock (collector.Turn)
        {
            usual = [.. baselines.Write()];
        }

        using var replay = new DryRunReplay(protection, options, rawFrom, usual, mode, rule => WhyRefused(protection, rule), MostListed, over);
        var octets = Math.Max(1, kept.Sum(static segment => segment.Bytes));
        var read = 0L;
        void Come(long bytes, double begin, double part)
        {
            read += bytes;
            told(Math.Min(0.99, begin + (part * read / octets)));
        }

        foreach (var segment in kept)
        {
            records.Read(
                segment, protection.Subscription, rawFrom, to,
                (first, last, bytes) =>
                {
                    coverage.Mark(Math.Max(first, rawFrom), last, FlowLevel.Raw);
                    Come(bytes, SumsPart, 0.6);
                },
                (in FlowRecord record, long at, long span) =>
                {
                    coverage.Own(at);
                    replay.Take(in record, at, span);
                },
                over);
        }

        replay.End(to);

        // (4)
        read = 0;
        var again = new KeptRecords(segments);
        if (replay.HasRules)
        {
            // Known is what was read both times.
            coverage.Forget(FlowLevel.Raw);
        }

        for (var i = 0; i < kept.Count && replay.HasRules; i++)
        {
            again.Read(
                kept[i], protection.Subscription, rawFrom, to,
                (first, last, bytes) =>
                {
                    coverage.Mark(Math.Max(first, rawFrom), last, FlowLevel.Raw);
                    Come(bytes, 0.7, 0.3);
                },
                (in FlowRecord record, long at, long _) => replay.Beside(in record, at), over);
        }

        // (5)
        cancellationToken.ThrowIfCancellationRequested();
        var isWhole = !over.IsCancellationRequested;
        var summed = findings.End();
        var cover = coverage.Tell(MostGaps);
        var replayed = replay.Tell((target, at) => recorded.FirstOrDefault(each => each.Target == target && Math.Abs(each.OpenedAt - at) <= SameMicros)?.Id);
        var totals = replay.Total();
        var isCut = recordedCount > recorded.Count || totals.Opened > replayed.Count || summed.Count > MostListed || findings.IsCut;
        return new DryRunReport(
            [.. protection.Prefixes.Select(static prefix => prefix.ToString())], cover, recorded, recordedCount, replayed, totals.Opened, [.. summed.Take(MostListed)], summed.Count, totals,
            DryRunVerdict.Of(cover, days, totals, recordedCount, summed.Count, mode, isWhole, options),
            DryRunVerdict.NotesOf(cover, isWhole, records.Unread + sums.Unread, isCut, cover.Levels.Any(static level => level.Level != FlowLevel.Raw.Name())));
    }

    // (2) Of each part of the time the finest level: where the next finer begins, a coarser one ends.
    private static void ReadSums(KeptSums sums, SumFindings findings, string owner, DryRunCoverage coverage, long from, long rawFrom, Action<double> told, CancellationToken over)
    {
        var end = rawFrom;
        var parts = new List<(FlowLevel Level, long From, long To)>();
        foreach (var level in FlowLevels.Rolled)
        {
            var step = level.Milliseconds();
            var (begin, until) = (Math.Max(FlowLevels.Floor(from, step), FlowLevels.Floor(sums.Since(level) ?? long.MaxValue - step, step)), FlowLevels.Floor(end, step));
            if (begin < until)
            {
                parts.Add((level, begin, until));
                end = begin;
            }
        }

        // Oldest first: what is usual counts from when the protection's own began.
        parts.Reverse();
        foreach (var (level, begin, until) in parts)
        {
            var piece = StepsTogether * level.Milliseconds();
            for (var at = begin; at < until && !over.IsCancellationRequested; at += piece)
            {
                var last = Math.Min(at + piece, until);
                sums.Read(
                    level, owner, at, last, step =>
                    {
                        coverage.Mark(step, step + level.Milliseconds() - 1, level);
                        findings.Known(step);
                    },
                    (long step, FlowAddress network, ulong vector, in FlowSums row) =>
                    {
                        coverage.Own(step);
                        findings.Take(step, network, vector, in row);
                    },
                    over);
                findings.EndSteps(level);
                told(Math.Clamp((double)(last - from) / Math.Max(1, rawFrom - from), 0, 1));
            }
        }
    }

    private string? WhyRefused(Protection protection, string rule)
    {
        var request = new MitigationRequest { Rule = rule, Reason = "dry run", Minutes = (int)Math.Ceiling(options.Mitigate.FollowLife.TotalMinutes) };
        var guarded = ledger.Guards.Check(request, prefix => contracts.Table.Holding(prefix) is { } owner && owner.Subscription == protection.Subscription ? owner : null);
        return guarded.Ok ? null : guarded.Refusal.Message;
    }

    private async Task<(IReadOnlyList<RecordedIncident> Listed, long Count)> RecordedAsync(Protection protection, string mode, long from, long to, CancellationToken cancellationToken)
    {
        var asked = new { protection.Subscription, protection.TenantPath, From = from, To = to, Limit = (long)MostListed };
        const string Where = "FROM ddos_incident WHERE subscription_id = @Subscription AND tenant_path = @TenantPath AND opened_at >= @From AND opened_at < @To";
        return await stores.Control.ReadAsync(
            async reader =>
            {
                var rows = await reader.QueryAsync<IncidentRow>($"SELECT {IncidentStore.Columns} {Where} ORDER BY opened_at, id LIMIT @Limit", asked);
                var count = await reader.FirstOrDefaultAsync<long>($"SELECT count(*) {Where}", asked);
                return ((IReadOnlyList<RecordedIncident>)[.. rows.Select(row => Of(row, mode))], count);
            },
            cancellationToken);
    }

    private static RecordedIncident Of(IncidentRow row, string mode)
    {
        var proposal = IncidentRow.ProposalOf(row.Proposal);
        var response = proposal is not { Rules.Count: > 0 } ? None : mode == ResponseMode.Automatic && proposal.IsGood ? ResponseMode.Automatic : ResponseMode.Ask;
        return new RecordedIncident(
            row.Id, row.Target, row.Vector, row.Metric, row.LimitValue, row.Estimate, row.ErrorPercent, row.PeakPackets, row.OpenedAt, row.ClosedAt, response, [.. proposal?.Rules.Select(static rule => rule.Rule) ?? []],
            proposal?.Cover ?? 0, proposal?.Collateral ?? 0);
    }
}
