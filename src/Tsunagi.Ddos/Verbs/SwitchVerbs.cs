using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Time;
using Tsunagi.Core.Verbs;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.Verbs;

/// <summary>tsunagi ddos freeze | thaw | withdraw: on the node itself, with database and console away.</summary>
internal static class SwitchVerbs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(4.5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    // A node's name lies in its data directory: an order is not written anywhere else.
    private const string NodeFile = "node";
    private static readonly VerbParameter Data = new("--data", "the node's data directory");

    public static readonly IReadOnlyList<Verb> All =
    [
        new("freeze", "The switch, on the node itself: nothing new is announced until thaw; works with database and console away", [new("--reason", "why"), Data],
            static (context, cancellationToken) => RunAsync(context, static (ledger, order) => ledger.Freeze(order), static (status, _) => status.Frozen, "frozen: nothing new is announced", cancellationToken)),
        new("thaw", "Ends freeze", [Data],
            static (context, cancellationToken) => RunAsync(context, static (ledger, _) => ledger.Thaw(), static (status, _) => !status.Frozen, "thawed", cancellationToken)),
        new("withdraw", "The switch, on the node itself: withdraws every rule from the routers; works with database and console away",
            [new("--all", "every rule", Required: true, IsFlag: true), new("--reason", "why"), Data], WithdrawAsync),
    ];

    private static Task<int> WithdrawAsync(VerbContext context, CancellationToken cancellationToken) => context.Flag("--all")
        ? RunAsync(context, static (ledger, order) => ledger.WithdrawAll(order), static (status, order) => LedgerSwitch.IsAnswer(status, order) && status.Announced == 0, "every rule is withdrawn", cancellationToken)
        : throw new WrongInputException("withdraw: say --all; a single rule is lifted with ddos mitigation lift");

    /// <summary>Gives the order by a file, then waits until the ledger's own file says that it is done.</summary>
    private static async Task<int> RunAsync(VerbContext context, Action<LedgerSwitch, SwitchOrder> give, Func<SwitchStatus, SwitchOrder, bool> isDone, string done, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var directory = context["--data"] is { } given ? context.Home.File(given) : context.Home.DataDirectory;
        if (!File.Exists(Path.Combine(directory, NodeFile)))
        {
            throw new WrongInputException($"{directory} is no data directory of a node: say which with --data DIR");
        }

        var ledger = new LedgerSwitch(directory);
        var order = new SwitchOrder(Id.New("so", time), time.NowMicros(), Environment.UserName, context["--reason"] ?? "");
        var began = time.GetTimestamp();
        try
        {
            give(ledger, order);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"giving the order in {ledger.Directory}: {e.Message}");
        }

        SwitchStatus? status;
        while ((status = ledger.Status) is null || !isDone(status, order))
        {
            if (time.GetElapsedTime(began) > Deadline)
            {
                await context.Error.WriteLineAsync(status is not null && LedgerSwitch.IsAnswer(status, order)
                    ? $"the order was taken, and {status.Announced} routes and rules are still out: a router or scrubber does not take the withdrawal"
                    : $"no running program took the order in {Deadline.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s; it stands and is carried out when the program starts");
                return 1;
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }

        context.Print([], [], !context.Json ? null : new JsonObject
        {
            ["frozen"] = status.Frozen, ["active"] = status.Active, ["announced"] = status.Announced, ["withdrawn"] = status.WithdrawnCount, ["seconds"] = Math.Round(time.GetElapsedTime(began).TotalSeconds, 3),
        });
        context.Say($"{done} ({status.Active} rules active, {status.Announced} announced)");
        return 0;
    }
}
