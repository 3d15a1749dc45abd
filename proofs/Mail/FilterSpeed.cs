using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Tsunagi.Mail.Classify;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// The filter and Rspamd side by side on the same messages of the public corpus, in alternating rounds, each in a process of its own on loopback and both with a resolver that answers
/// NXDOMAIN at once. (1) Both learn the same examples; (2) both are warmed; (3) rounds at the highest rate four connections reach tell CPU per message and that rate; (4) rounds at half of its own
/// highest rate, sent when it is time and not when an answer came, tell how long a message waits.
/// </summary>
internal sealed class FilterSpeed : IClaim
{
    private const string Corpus = "data/mail/corpus/spamassassin-shared.tar.xz";
    private const int Rounds = 5;
    private const int PacedRounds = 3;
    private const int Messages = 600;
    private const int Learned = 250;
    private const int MostOctets = 64 * 1024;
    private const int Connections = 4;
    private const int PacedConnections = 16;

    private const string Configurations = """
          both: the same messages of the corpus, at most 64 KB each; one client and envelope; loopback; a resolver that answers NXDOMAIN; no virus scanner, no lists of others; both learned the same examples
          ours: the gateway as a milter: sieve, header and structure, SPF, DKIM, DMARC, ARC, attachments with archives, classifier, policy, evidence, the answer with its fields
          rspamd: HTTP POST /checkv2, one worker process; its rules and regular expressions, SPF, DKIM, ARC, MIME types, Bayes in files
        """;

    public string Name => "mail.filter-speed";

    public string Promise => "the same messages through the filter and through Rspamd: CPU per message ≤ 0.5 × Rspamd's, p99 < 20 ms at half the highest rate for messages of at most 64 KB";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if ((RspamdInstance.WhyNot() ?? (SharedFiles.Find(Corpus) is null ? "the corpus is absent" : null)) is { } whyNot)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, whyNot)];
        }

        Console.WriteLine(Configurations);
        Console.WriteLine($"  {RspamdInstance.Configuration}");
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;

        // Rspamd runs as a user of its own.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        try
        {
            var (spam, ham, judged) = await ReadAsync(cancellationToken);

            // (1)
            progress.Say("both learn");
            await using var rspamd = await RspamdInstance.StartAsync(Path.Combine(directory, "rspamd"), cancellationToken);
            var learned = await rspamd.LearnAsync(Put(directory, "spam", spam), isSpam: true, cancellationToken) + await rspamd.LearnAsync(Put(directory, "ham", ham), isSpam: false, cancellationToken);
            var own = Directory.CreateDirectory(Path.Combine(directory, "ours")).FullName;
            using var ours = await FilterProcess.StartAsync(own, rspamd.ResolverPort, Train(directory, spam, ham, cancellationToken), cancellationToken);
            await using var milter = new MilterSide(ours, judged);
            await using var http = new HttpSide(rspamd, judged);

            // (2)
            progress.Say("warming both");
            for (var i = 0; i < 3; i++)
            {
                await milter.FullAsync(Connections, cancellationToken);
            }

            await http.FullAsync(Connections, cancellationToken);

            // (3)
            List<Full> our = [], their = [];
            for (var round = 1; round <= Rounds; round++)
            {
                progress.Say($"round {round} of {Rounds}");
                our.Add(await milter.FullAsync(Connections, cancellationToken));
                their.Add(await http.FullAsync(Connections, cancellationToken));
            }

            // (4)
            var (half, theirHalf) = (Median(our, static r => r.Rate) / 2, Median(their, static r => r.Rate) / 2);
            List<double> p99 = [], theirP99 = [];
            for (var round = 1; round <= PacedRounds; round++)
            {
                progress.Say($"paced round {round} of {PacedRounds}");
                p99.Add(await milter.PacedAsync(half, PacedConnections, cancellationToken));
                theirP99.Add(await http.PacedAsync(theirHalf, PacedConnections, cancellationToken));
            }

            return [.. Judge(our, their, p99, theirP99, learned, judged)];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static IEnumerable<Figure> Judge(List<Full> our, List<Full> their, List<double> p99, List<double> theirP99, int learned, List<byte[]> judged)
    {
        double cpu = Median(our, static r => r.CpuMs), theirCpu = Median(their, static r => r.CpuMs);
        yield return Figure.AtMost("CPU per message, ours / Rspamd", cpu / theirCpu, 0.5, "n2", " ×", $"{cpu:n2} ms ({Show(our, static r => r.CpuMs, "n2")}), Rspamd {theirCpu:n2} ms ({Show(their, static r => r.CpuMs, "n2")})");
        var half = Median(our, static r => r.Rate) / 2;
        yield return Figure.AtMost("p99 of a message at half the highest rate", p99.Order().ElementAt(p99.Count / 2), 20, "n1", " ms", $"at {half:n0}/s ({Show(p99, static one => one, "n1")}); Rspamd at {Median(their, static r => r.Rate) / 2:n0}/s {theirP99.Order().ElementAt(theirP99.Count / 2):n1} ms ({Show(theirP99, static one => one, "n1")})");
        yield return new Figure("messages per second, ours / Rspamd", $"{Median(our, static r => r.Rate):n0} / {Median(their, static r => r.Rate):n0}", Peer: $"{Connections} connections; client's share of a core {Median(our, static r => r.ClientCpu):n2} / {Median(their, static r => r.ClientCpu):n2}");
        yield return new Figure("marked, ours / Rspamd", $"{our[^1].Found} / {their[^1].Found} of {judged.Count}", Peer: $"both learned {Learned} of each kind (Rspamd took {learned}); {judged.Average(static one => one.Length):n0} octets each; a client and senders that no resolver knows are much against a message with Rspamd's rules");
        yield return new Figure("load average of the machine", File.ReadAllText("/proc/loadavg").Split(' ')[0], Peer: $"{Environment.ProcessorCount} cores");
    }

    private static double Median<T>(List<T> all, Func<T, double> of) => all.Select(of).Order().ElementAt(all.Count / 2);

    private static string Show<T>(List<T> all, Func<T, double> of, string format) => string.Join(", ", all.Select(one => of(one).ToString(format, CultureInfo.InvariantCulture)));

    // Of each kind some to learn from; of the rest some to judge, evenly mixed.
    private static async Task<(List<MessageFile> Spam, List<MessageFile> Ham, List<byte[]> Judged)> ReadAsync(CancellationToken cancellationToken)
    {
        List<MessageFile> all = [];
        await foreach (var message in new MessageFiles().ReadAsync(SharedFiles.Find(Corpus)!, cancellationToken))
        {
            if (message.Content.Length <= MostOctets)
            {
                all.Add(message);
            }
        }

        var mixed = all.OrderBy(static one => one.Name, StringComparer.Ordinal).ToArray();
        new Random(1).Shuffle(mixed);
        var spam = mixed.Where(IsSpam).Take(Learned).ToList();
        var ham = mixed.Where(static one => !IsSpam(one)).Take(Learned).ToList();
        return (spam, ham, [.. mixed.Except(spam).Except(ham).Take(Messages).Select(static one => one.Content)]);
    }

    private static bool IsSpam(MessageFile message) => message.Name.Contains("spam", StringComparison.Ordinal);

    private static string Put(string directory, string name, List<MessageFile> messages)
    {
        var to = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        for (var i = 0; i < messages.Count; i++)
        {
            File.WriteAllBytes(Path.Combine(to, i.ToString(CultureInfo.InvariantCulture)), messages[i].Content);
        }

        return to;
    }

    private static string Train(string directory, List<MessageFile> spam, List<MessageFile> ham, CancellationToken cancellationToken)
    {
        var trainer = new ModelTrainer();
        var tokens = new MessageTokens();
        foreach (var (message, isSpam) in spam.Select(static one => (one, true)).Concat(ham.Select(static one => (one, false))))
        {
            tokens.Read(message.Content);
            trainer.Add(tokens, isSpam);
        }

        var path = Path.Combine(directory, "model");
        File.WriteAllBytes(path, ModelFile.Write(trainer.Train(null, cancellationToken)!));
        return path;
    }

    /// <param name="CpuMs">Of the server, per message.</param>
    /// <param name="ClientCpu">The client's share of a core.</param>
    private sealed record Full(double CpuMs, double Rate, double ClientCpu, int Found);

    /// <summary>One of the two, as the client asks it.</summary>
    private abstract class Side(int messages)
    {
        protected abstract double CpuMs { get; }

        public async Task<Full> FullAsync(int connections, CancellationToken cancellationToken)
        {
            await OpenAsync(connections, cancellationToken);
            var (cpu, own, started, next, found) = (CpuMs, Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp(), -1, 0);
            await Task.WhenAll(Enumerable.Range(0, connections).Select(async connection =>
            {
                for (int at; (at = Interlocked.Increment(ref next)) < messages;)
                {
                    if (await CheckAsync(connection, at, cancellationToken))
                    {
                        Interlocked.Increment(ref found);
                    }
                }
            }));
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return new Full((CpuMs - cpu) / messages, messages / seconds, (Process.GetCurrentProcess().TotalProcessorTime - own).TotalSeconds / seconds, found);
        }

        /// <summary>The 99th percentile in milliseconds, from when a message was due.</summary>
        public async Task<double> PacedAsync(double rate, int connections, CancellationToken cancellationToken)
        {
            await OpenAsync(connections, cancellationToken);
            var waits = new ConcurrentBag<double>();
            var (started, next) = (Stopwatch.GetTimestamp(), -1);
            await Task.WhenAll(Enumerable.Range(0, connections).Select(async connection =>
            {
                for (int at; (at = Interlocked.Increment(ref next)) < messages;)
                {
                    var due = TimeSpan.FromSeconds(at / rate);
                    if (due - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } early)
                    {
                        await Task.Delay(early, TimeProvider.System, cancellationToken);
                    }

                    // A timer wakes late by up to its grain; that is the client's and not the server's.
                    var sent = Stopwatch.GetElapsedTime(started);
                    var late = sent - due;
                    await CheckAsync(connection, at, cancellationToken);
                    waits.Add((Stopwatch.GetElapsedTime(started) - (late < TimeSpan.FromMilliseconds(2) ? sent : due)).TotalMilliseconds);
                }
            }));
            return waits.Order().ElementAt((int)(waits.Count * 0.99));
        }

        protected abstract Task OpenAsync(int connections, CancellationToken cancellationToken);

        protected abstract Task<bool> CheckAsync(int connection, int message, CancellationToken cancellationToken);
    }

    private sealed class MilterSide(FilterProcess filter, List<byte[]> messages) : Side(messages.Count), IAsyncDisposable
    {
        private readonly List<MilterPeer> _peers = [];
        private readonly List<byte[][]> _packets = [.. messages.Select(static one => MilterPeer.Packets(one, "client.test.invalid", "a@src.test.invalid", "b@dst.test.invalid"))];

        protected override double CpuMs => filter.CpuMs;

        public ValueTask DisposeAsync()
        {
            _peers.ForEach(static peer => peer.Dispose());
            return default;
        }

        protected override async Task OpenAsync(int connections, CancellationToken cancellationToken)
        {
            while (_peers.Count < connections)
            {
                _peers.Add(await MilterPeer.ConnectAsync(filter.Port, cancellationToken));
            }
        }

        protected override Task<bool> CheckAsync(int connection, int message, CancellationToken cancellationToken) => _peers[connection].CheckAsync(_packets[message], cancellationToken);
    }

    private sealed class HttpSide(RspamdInstance rspamd, List<byte[]> messages) : Side(messages.Count), IAsyncDisposable
    {
        private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = PacedConnections, UseProxy = false }) { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{rspamd.ScanPort}")) };

        protected override double CpuMs => ProcessFamily.CpuMs(rspamd.Id);

        public ValueTask DisposeAsync()
        {
            _client.Dispose();
            return default;
        }

        protected override Task OpenAsync(int connections, CancellationToken cancellationToken) => Task.CompletedTask;

        protected override async Task<bool> CheckAsync(int connection, int message, CancellationToken cancellationToken)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/checkv2") { Content = new ByteArrayContent(messages[message]) };
            request.Headers.TryAddWithoutValidation("From", "a@src.test.invalid");
            request.Headers.TryAddWithoutValidation("Rcpt", "b@dst.test.invalid");
            request.Headers.TryAddWithoutValidation("IP", "192.0.2.7");
            request.Headers.TryAddWithoutValidation("Helo", "client.test.invalid");
            using var answer = await _client.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return text.Contains("\"action\":\"reject\"", StringComparison.Ordinal) || text.Contains("\"action\":\"add header\"", StringComparison.Ordinal);
        }
    }
}
