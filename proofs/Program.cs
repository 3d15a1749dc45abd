using System.Diagnostics;
using System.Globalization;
using Tsunagi.Proofs;
using Tsunagi.Proofs.Connectivity;
using Tsunagi.Proofs.Ddos;
using Tsunagi.Proofs.Mail;
using Tsunagi.Proofs.Routers;
using Tsunagi.Tests.Testing.Fuzz;

// prove NAME... [--times N] | --all | --correctness [--minutes N] | --list
// fuzz TARGET... (see FuzzCommand)
//   0: every correctness claim held   1: one was missed   2: wrong usage
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["fuzz", ..])
{
    return FuzzCommand.Run(args[1..]);
}

if (args is [GatewayProcess.Word, ..])
{
    return await GatewayProcess.RunAsync(args);
}

if (args is [FilterProcess.Word, ..])
{
    return await FilterProcess.RunAsync(args);
}

if (args is [RadiusServerProcess.Word, ..])
{
    return await RadiusServerProcess.RunAsync(args);
}

if (args is [DhcpServerProcess.Word, ..])
{
    return await DhcpServerProcess.RunAsync(args);
}

if (args is [HeartbeatServerProcess.Word, ..])
{
    return await HeartbeatServerProcess.RunAsync(args);
}

if (args is [HeartbeatSender.Word, ..])
{
    return HeartbeatSender.Run(args);
}

if (args is [PushServerProcess.Word, ..])
{
    return await PushServerProcess.RunAsync(args);
}

if (args is [PushBoxesProcess.Word, ..])
{
    return await PushBoxesProcess.RunAsync(args);
}

if (args is [FlowGenerator.Word, ..])
{
    return FlowGenerator.Run(args);
}

if (args is [FlowCollectorProcess.Word, ..])
{
    return await FlowCollectorProcess.RunAsync(args);
}

if (args is [OrdinaryTraffic.Word, ..])
{
    return OrdinaryTraffic.Run(args);
}

if (!Selection.TryRead(args, out var selection, out var problem))
{
    Console.Error.WriteLine(problem);
    return 2;
}

if (selection.OnlyList)
{
    foreach (var claim in Claims.All)
    {
        Console.WriteLine($"{claim.Name,-28} {(claim.IsCorrectness ? "correctness" : "ratio"),-12} {claim.Promise}");
    }

    return 0;
}

var results = new Results();
var started = Stopwatch.GetTimestamp();
var missed = false;
var summary = new List<string>();
foreach (var claim in selection.OldestFirst ? results.OldestFirst(selection.Claims) : selection.Claims)
{
    if (selection.Budget is { } budget && Stopwatch.GetElapsedTime(started) > budget)
    {
        Console.WriteLine($"{claim.Name}: not run, the {budget.TotalMinutes:0} minutes are over; it comes first next time");
        continue;
    }

    var misses = await Run.OneAsync(claim, results, selection.Times);
    missed |= misses.Count > 0 && claim.IsCorrectness;
    summary.Add($"{claim.Name}: {(misses.Count == 0 ? "PASS" : "MISS")}");
    summary.AddRange(misses.Select(static miss => $"  {miss.Subject}: {miss.Measured}, bar {miss.Bar}"));
}

// Whoever reads only the end of a long output sees what missed.
if (summary.Count > 1)
{
    Console.WriteLine(string.Join(Environment.NewLine, summary));
}

return missed ? 1 : 0;
