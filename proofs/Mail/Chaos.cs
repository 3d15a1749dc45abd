using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Core.Disk;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Mail.Chaos;
using Tsunagi.Tests.Mail.Spool;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// Everything goes wrong at once, and what was accepted must still be delivered, returned, held or taken back. Lives on the crash disk with a next hop that comes and goes (the long form of <c>Mail_in_chaos</c>); and
/// the program itself under load with its filter and quarantine on, ended by kill -9, its disk full, its fsync failing, its resolver dead, its next hop flapping. Both are judged by
/// <see cref="ConservationCheck"/>, which reads the journal's octets and what the next hop wrote down, and shares no code with the program.
/// </summary>
internal sealed class Chaos : IClaim
{
    private const int Lives = 60;
    private const int Rounds = 12;
    private const int Clients = 4;
    private const string Domain = "customer.test.invalid";

    private readonly ConcurrentQueue<string> _acknowledged = new();
    private readonly ConcurrentQueue<string> _receptions = new();

    public string Name => "mail.chaos";

    public string Promise => $"in {Lives} random lives on a disk that loses power and {Rounds} rounds each of kill -9, full disk and failing fsync under load (times --times N), with the resolver dead at times and the next hop flapping: accepted = delivered + returned + held + taken back";

    public bool IsCorrectness => true;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            return
            [
                .. await LivesAsync(Path.Combine(directory, "lives"), Lives * progress.Times, progress, cancellationToken),
                .. await NodesAsync(Path.Combine(directory, "node"), Rounds * progress.Times, progress, cancellationToken),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> LivesAsync(string directory, int lives, Progress progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        await using var stores = await Mail_under_crashes.OpenStoresAsync(directory);
        await ChaosWorld.HoldSomeAsync(stores, "t_root/t_one/");
        var all = new ConcurrentQueue<LifeResult>();
        await Parallel.ForAsync(1, lives + 1, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = cancellationToken }, async (seed, _) =>
        {
            var life = await MailCrashLife.RunInChaosAsync(seed, stores);
            all.Enqueue(life);
            if (life.Broken is not null)
            {
                Console.WriteLine("  broken: " + life.Broken);
            }

            if (all.Count % 50 == 0)
            {
                progress.Say($"{all.Count} of {lives} lives");
            }
        });
        var conserved = all.Select(static life => life.Conserved!).ToList();
        return FiguresOf(
            $"{lives:n0} lives, {all.Sum(static life => life.Crashes):n0} crashes",
            new ConservationResult(
                conserved.Sum(static one => one.Accepted), conserved.Sum(static one => one.Delivered), conserved.Sum(static one => one.Returned), conserved.Sum(static one => one.Held), conserved.Sum(static one => one.Recalled),
                conserved.Sum(static one => one.Open), conserved.Sum(static one => one.Again), conserved.Sum(static one => one.Torn), [.. conserved.SelectMany(static one => one.Broken)]));
    }

    private async Task<IReadOnlyList<Figure>> NodesAsync(string directory, int rounds, Progress progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var random = new Random(7);
        var whims = new ChaosWorld.Whims(7) { IsOn = true };
        await using var receiver = new SmtpReceiver { Taken = Take, Answer = whims.Answer };
        receiver.Start();
        var port = FreePorts.Tcp();
        using var ended = new CancellationTokenSource();
        var gateway = await GatewayProcess.StartAsync(directory, port, receiver.Port, Domain, cancellationToken, inChaos: true);
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => SendAsync(port, ended.Token), CancellationToken.None)).ToArray();
        for (var round = 1; round <= rounds; round++)
        {
            gateway = await RoundAsync(gateway, receiver, random, () => GatewayProcess.StartAsync(directory, port, receiver.Port, Domain, cancellationToken, inChaos: true), cancellationToken);
            progress.Say($"round {round} of {rounds}, {_acknowledged.Count:n0} messages acknowledged");
        }

        whims.IsOn = false;
        await ended.CancelAsync();
        await Task.WhenAll(clients);
        progress.Say("waiting until the queue is empty");
        var (conserved, files) = await SettleAsync(directory, cancellationToken);
        gateway.Dispose();
        return
        [
            .. FiguresOf($"{rounds} × kill -9, full disk, failing fsync", conserved),
            Figure.AtLeast("held messages whose file is in the quarantine", files, conserved.Held, "n0", ""),
        ];
    }

    /// <summary>One of each: fsync fails, the next hop goes and comes, the disk is full, the resolver is dead, kill -9; work goes on between them.</summary>
    private static async Task<GatewayProcess> RoundAsync(
        GatewayProcess gateway, SmtpReceiver receiver, Random random, Func<Task<GatewayProcess>> start, CancellationToken cancellationToken)
    {
        async Task WorkAsync() => await Task.Delay(TimeSpan.FromMilliseconds(100 + random.Next(300)), TimeProvider.System, cancellationToken);
        await WorkAsync();
        await gateway.TellAsync("sync");
        await WorkAsync();
        await receiver.StopAsync();
        await gateway.TellAsync("mute");
        await WorkAsync();
        receiver.Start();
        await WorkAsync();
        await gateway.TellAsync("full");
        await WorkAsync();
        await gateway.TellAsync("well");
        await gateway.TellAsync("speak");
        await WorkAsync();
        await gateway.KillAsync();
        gateway.Dispose();
        return await start();
    }

    private static IReadOnlyList<Figure> FiguresOf(string where, ConservationResult conserved)
    {
        foreach (var broken in conserved.Broken.Take(10))
        {
            Console.WriteLine("  broken: " + broken);
        }

        return
        [
            Figure.AtMost($"{where}: accepted, less delivered, returned, held and taken back", conserved.Accepted - conserved.Delivered - conserved.Returned - conserved.Held - conserved.Recalled, 0, "n0", "", conserved.ToString()),
            Figure.AtMost($"{where}: what a witness denies", conserved.Broken.Count, 0, "n0", "", $"{conserved.Again:n0} received again (RFC 1047), {conserved.Torn:n0} torn records passed over"),
        ];
    }

    /// <summary>The judgement, once nothing is open any more or a minute has gone; and how many files the quarantine holds.</summary>
    private async Task<(ConservationResult Conserved, int Files)> SettleAsync(string directory, CancellationToken cancellationToken)
    {
        var quarantine = Path.Combine(directory, "quarantine");
        ConservationResult conserved;
        int files;
        var attempt = 0;
        do
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            conserved = new ConservationCheck().Check(ChaosWorld.SegmentsOf(new RealDisk(), Path.Combine(directory, "mail", "log")), _receptions, _acknowledged);
            files = Directory.Exists(quarantine) ? Directory.EnumerateFiles(quarantine, "*.held", SearchOption.AllDirectories).Count() : 0;
        }
        while (!(conserved.Holds && files >= conserved.Held) && ++attempt < 60);
        return (conserved, files);
    }

    private async Task SendAsync(int port, CancellationToken cancellationToken)
    {
        for (var number = 0; !cancellationToken.IsCancellationRequested;)
        {
            try
            {
                await using var sender = await SmtpSender.ConnectAsync("127.0.0.1", port, "client.test.invalid", NextHopTls.Never, TimeProvider.System, CancellationToken.None);
                while (!cancellationToken.IsCancellationRequested)
                {
                    var (from, more) = ChaosWorld.KindOf(++number);
                    var body = string.Concat(Enumerable.Repeat("0123456789012345678901234567890123456789012345678901234567890\r\n", number % 50 == 0 ? 1_500 : 60));
                    var sent = await sender.SendAsync(from, ["postmaster@" + Domain], Encoding.ASCII.GetBytes($"From: {from}\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nSubject: s\r\n{more}\r\n{body}"));
                    if (sent.IsAccepted)
                    {
                        var line = sent.Replies[0].Lines[0];
                        _acknowledged.Enqueue(line[line.IndexOf("m_", StringComparison.Ordinal)..]);
                    }
                    else if (sent.ConnectionLost)
                    {
                        break;
                    }
                    else
                    {
                        // 451 or 452: a client would come again later.
                        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
                    }
                }
            }
            catch (IOException)
            {
                // It is being started again.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private ValueTask Take(ReceivedMessage message)
    {
        var head = Encoding.ASCII.GetString(message.Content.Span[..Math.Min(4_096, message.Content.Length)]);
        foreach (var line in ChaosWorld.ReceptionsOf(head, message.Recipients))
        {
            _receptions.Enqueue(line);
        }

        return default;
    }
}
