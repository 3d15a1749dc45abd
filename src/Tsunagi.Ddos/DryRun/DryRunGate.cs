using System.Globalization;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.DryRun;

/// <summary>
/// Whether a report lets a protection go further than it is: it must be (1) of this protection, (2) in the mode that is wanted or one that does more, (3) of days enough, (4) with enough known of them, (5) young enough, and (6)
/// stand on what holds now.
/// </summary>
internal sealed class DryRunGate(DdosOptions options, TimeProvider time)
{
    public const string Code = "ddos.mode.no-report";

    /// <summary>The report that lets it, in the transaction that sets the mode; or why none does.</summary>
    /// <param name="asked">This one and no other; null for the newest that does.</param>
    public async ValueTask<Outcome<DryRunRow>> FindAsync(ISqlTransaction transaction, Protection protection, string mode, string? asked)
    {
        // (1)
        var wanted = options.DryRun;
        const string Its = "FROM ddos_dry_run WHERE subscription_id = @Subscription AND tenant_path = @TenantPath AND (@Asked = '' OR id = @Asked)";
        var sought = new
        {
            protection.Subscription, protection.TenantPath, Asked = asked ?? "", Done = DryRunRow.Done, Mode = mode, Most = ResponseMode.Automatic, Days = (long)wanted.LeastDays, Cover = (long)wanted.LeastCoverPercent,
            Since = time.NowMicros() - (long)wanted.ValidFor.TotalMicroseconds, DryRunVerdict.TooLittle, Inputs = DryRunInputs.HashOf(protection, options),
        };

        // (2) to (6): however many came after it that do not let it.
        if (await transaction.FirstOrDefaultAsync<DryRunRow>(
            $"""
            SELECT {DryRunRow.Heads} {Its} AND state = @Done AND (mode = @Mode OR mode = @Most) AND days >= @Days AND cover_percent >= @Cover AND verdict <> @TooLittle AND made_at >= @Since AND inputs = @Inputs
            ORDER BY id DESC LIMIT 1
            """,
            sought) is { } good && WhyNot(good, protection, mode) is null)
        {
            return good;
        }

        var newest = await transaction.FirstOrDefaultAsync<DryRunRow>($"SELECT {DryRunRow.Heads} {Its} ORDER BY id DESC LIMIT 1", sought);
        var whyNot = newest is null ? null : $"{newest.Id} {WhyNot(newest, protection, mode)}";
        return Refusal.Conflict(
            Code,
            $"{(whyNot is null ? "there is no dry run of this protection" : $"no dry run lets it: {whyNot}")}; make one (tsunagi ddos dry-run {protection.Subscription} --as {mode}), or say that it is without a report, with the permission for that",
            "report");
    }

    /// <summary>Null when it lets it.</summary>
    public string? WhyNot(DryRunRow row, Protection protection, string mode)
    {
        var wanted = options.DryRun;
        return row.State != DryRunRow.Done ? "failed"
            : Rank(row.Mode) < Rank(mode) ? $"is for {row.Mode}"
            : row.Days < wanted.LeastDays ? Say($"is of {row.Days} days, and {wanted.LeastDays} are needed")
            : row.CoverPercent < wanted.LeastCoverPercent ? Say($"knows of {row.CoverPercent} % of its time, and {wanted.LeastCoverPercent} % are needed")
            : row.Verdict == DryRunVerdict.TooLittle ? "did not read all of its time"
            : time.NowMicros() - row.MadeAt > wanted.ValidFor.TotalMicroseconds ? Say($"is older than {wanted.ValidFor.TotalDays:0.#} days")
            : !IsCurrent(row, protection) ? "stands on other limits, prefixes or settings of detection than hold now"
            : null;
    }

    public bool IsCurrent(DryRunRow row, Protection protection) => row.Inputs == DryRunInputs.HashOf(protection, options);

    /// <summary>How much a mode does without being asked.</summary>
    public static int Rank(string mode) => mode switch { ResponseMode.Automatic => 2, ResponseMode.Ask => 1, _ => 0 };

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
