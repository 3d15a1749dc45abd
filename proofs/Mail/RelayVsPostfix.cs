using System.Diagnostics;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// The gateway and Postfix side by side, in alternating rounds: smtp-source sends 4 KB messages over 10 sessions that stay open, the relay makes each durable
/// before its 250 and hands it to smtp-sink. The gateway also writes trace, events and meters. Both are their distributions' defaults but for what
/// stands in <see cref="Configurations"/>. CPU is that of the relay's own processes, user and system, with their children.
/// </summary>
internal sealed class RelayVsPostfix : IClaim
{
    private const int Rounds = 5;
    private const int Messages = 3_000;
    private const int Warm = 6_000;
    private const int Counted = 500;

    private const string Configurations = """
          both: loopback, one next hop (smtp-sink), 10 client sessions kept open, 4,096-byte messages, fsync before 250, no content checks
          gateway: recipients by call-ahead, 20 delivery connections, trace + events + meters into SQLite
          postfix: default_destination_concurrency_limit=50, default_process_limit=100, no DNS, no chroot, no alias maps
        """;

    public string Name => "smtp.relay-vs-postfix";

    public string Promise => "accept and relay of 4 KB messages, trace, event and meter on: CPU per message ≤ 0.33 × Postfix, wall rate ≥ 4 ×";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if ((PostfixInstance.WhyNot() ?? (File.Exists("/usr/sbin/smtp-source") ? null : "smtp-source is not installed")) is { } whyNot)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, whyNot)];
        }

        Console.WriteLine(Configurations);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        var (sinkPort, port) = (FreePorts.Tcp(), FreePorts.Tcp());
        using var sink = Process.Start(new ProcessStartInfo("/usr/sbin/smtp-sink", ["-u", "nobody", $"127.0.0.1:{sinkPort}", "1000"]))!;
        try
        {
            using var gateway = await GatewayProcess.StartAsync(directory, port, sinkPort, RelayRound.Domain, cancellationToken);
            await using var postfix = await PostfixInstance.StartAsync(sinkPort);
            List<RelayRound> ours = [], theirs = [];
            progress.Say("warming both");
            await RelayRound.OfGatewayAsync(gateway, directory, port, Warm, content: null, cancellationToken);
            await RelayRound.OfPostfixAsync(postfix, Messages / 3, content: null, cancellationToken);
            for (var round = 1; round <= Rounds; round++)
            {
                progress.Say($"round {round} of {Rounds}");
                ours.Add(await RelayRound.OfGatewayAsync(gateway, directory, port, Messages, content: null, cancellationToken));
                theirs.Add(await RelayRound.OfPostfixAsync(postfix, Messages, content: null, cancellationToken));
            }

            progress.Say("counting what each syncs, in a round of its own that is not measured");
            var ourSyncs = await Syncs.CountAsync([gateway.Id], () => RelayRound.OfGatewayAsync(gateway, directory, port, Counted, content: null, cancellationToken), cancellationToken);
            var theirSyncs = await Syncs.CountAsync(ProcessFamily.Ids(postfix.MasterPid), () => RelayRound.OfPostfixAsync(postfix, Counted, content: null, cancellationToken), cancellationToken);
            var compared = new RelayComparison(ours, theirs);
            return [compared.Cpu(0.33), compared.Wall("relayed per second, ours / Postfix", 4), .. compared.Besides(), Syncs.Show(ourSyncs, theirSyncs, Counted)];
        }
        finally
        {
            sink.Kill();
            await sink.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(directory, recursive: true);
        }
    }
}
