using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Data.Sqlite;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Mail.Spool;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// Two halves. Lives of the mail path on a disk that loses power, dies or fails at random changes (the long form of the test class
/// <c>Mail_under_crashes</c>); and the program itself under load, ended by kill -9 again and again. Both are judged only by what clients were told and what
/// the next hop got, and each message that came twice must be traced to the crash that fell between the next hop's 250 and the durable note of it.
/// </summary>
internal sealed class PowerLoss : IClaim
{
    private const int Lives = 1_000;
    private const int Kills = 50;
    private const int Clients = 6;
    private const int IdLength = 28; // "m_" and 26 characters
    private const string Domain = "customer.test.invalid";

    private readonly ConcurrentDictionary<string, bool> _acknowledged = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Reception>> _received = new();
    private readonly List<long> _kills = [];

    public string Name => "mail.power-loss";

    public string Promise => $"in {Lives:n0} random lives on a disk that loses power, and {Kills} × kill -9 under load, no acknowledged message is lost, and each that is delivered twice is explained";

    public bool IsCorrectness => true;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            return [.. await LivesAsync(Path.Combine(directory, "lives"), progress, cancellationToken), .. await KillsAsync(Path.Combine(directory, "kills"), progress, cancellationToken)];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> LivesAsync(string directory, Progress progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        await using var stores = await Mail_under_crashes.OpenStoresAsync(directory);
        int acknowledged = 0, lost = 0, duplicates = 0, unexplained = 0, crashes = 0, done = 0;
        await Parallel.ForAsync(1, Lives + 1, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = cancellationToken }, async (seed, _) =>
        {
            var life = await MailCrashLife.RunAsync(seed, stores);
            Interlocked.Add(ref acknowledged, life.Acknowledged);
            Interlocked.Add(ref lost, life.Lost);
            Interlocked.Add(ref duplicates, life.Duplicates);
            Interlocked.Add(ref unexplained, life.Unexplained);
            Interlocked.Add(ref crashes, life.Crashes);
            if (life.Broken is not null)
            {
                Console.WriteLine("  broken: " + life.Broken);
            }

            if (Interlocked.Increment(ref done) % 100 == 0)
            {
                progress.Say($"{done} of {Lives} lives");
            }
        });
        return
        [
            Figure.AtMost($"lost of {acknowledged:n0} acknowledged, {crashes:n0} crashes on the crash disk", lost, 0, "n0", ""),
            Figure.AtMost(
                $"not explained of {duplicates:n0} delivered twice there", unexplained, 0, "n0", "", "explained: a crash between the next hop's taking it and the outcome on the disk (RFC 1047)"),
        ];
    }

    private async Task<IReadOnlyList<Figure>> KillsAsync(string directory, Progress progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        await using var receiver = new SmtpReceiver { Taken = Take };
        receiver.Start();
        var port = FreePorts.Tcp();
        var random = new Random(5);
        using var ended = new CancellationTokenSource();
        var gateway = await GatewayProcess.StartAsync(directory, port, receiver.Port, Domain, cancellationToken);
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(() => SendAsync(port, client, ended.Token), CancellationToken.None)).ToArray();
        for (var kill = 1; kill <= Kills; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300 + random.Next(1_200)), TimeProvider.System, cancellationToken);
            await gateway.KillAsync();
            _kills.Add(Stopwatch.GetTimestamp());
            gateway.Dispose();
            gateway = await GatewayProcess.StartAsync(directory, port, receiver.Port, Domain, cancellationToken);
            if (kill % 10 == 0)
            {
                progress.Say($"{kill} of {Kills} kills, {_acknowledged.Count:n0} messages acknowledged");
            }
        }

        await ended.CancelAsync();
        await Task.WhenAll(clients);
        progress.Say("waiting until the queue is empty");
        var lost = await DrainAsync(cancellationToken);
        gateway.Dispose();
        using var again = await GatewayProcess.StartAsync(directory, port, receiver.Port, Domain, cancellationToken);
        var (messages, metered) = await CountAsync(directory, cancellationToken);
        var duplicates = await ExplainAsync(directory, cancellationToken);
        return
        [
            Figure.AtMost($"lost of {_acknowledged.Count:n0} acknowledged, {Kills} × kill -9", lost, 0, "n0", ""),
            Figure.AtMost(
                $"not explained of {duplicates.Count:n0} delivered twice there", duplicates.Unexplained, 0, "n0", "",
                $"explained: a kill between the two, and one durable note in all (RFC 1047); the note had been out for {duplicates.LongestWindow.TotalMilliseconds:n0} ms at most"),
            Figure.AtMost("messages in the trace, less the metered ones", Math.Abs(messages - metered), 0, "n0", "", $"{messages:n0} and {metered:n0}"),
        ];
    }

    /// <summary>Each message that came more than once against the kills and against what the trace, made of synced records alone, knows of it.</summary>
    private async Task<(int Count, int Unexplained, TimeSpan LongestWindow)> ExplainAsync(string directory, CancellationToken cancellationToken)
    {
        var (count, unexplained, longest) = (0, 0, TimeSpan.Zero);
        foreach (var receptions in _received.Values.Select(static queue => queue.ToList()).Where(static all => all.Count > 1))
        {
            count += receptions.Count - 1;
            var notes = await OneAsync(
                directory, "projections", $"SELECT count(*) FROM mail_attempt WHERE message_id = '{receptions[0].Id}' AND next_at = 0", cancellationToken);
            var explained = notes == 1;
            for (var i = 1; i < receptions.Count; i++)
            {
                var kill = _kills.FirstOrDefault(kill => kill > receptions[i - 1].Timestamp);
                explained &= receptions[i].Id == receptions[0].Id && kill != 0 && kill < receptions[i].Timestamp;
                var window = kill == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(receptions[i - 1].Timestamp, kill);
                longest = window > longest ? window : longest;
            }

            if (!explained)
            {
                unexplained++;
                Console.WriteLine($"  not explained: {receptions[0].Id} came {receptions.Count} times and has {notes} durable notes");
            }
        }

        return (count, unexplained, longest);
    }

    private async Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            if (_acknowledged.Keys.All(_received.ContainsKey))
            {
                return 0;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }

        return _acknowledged.Keys.Count(token => !_received.ContainsKey(token));
    }

    private async Task SendAsync(int port, int client, CancellationToken cancellationToken)
    {
        for (var number = 0; !cancellationToken.IsCancellationRequested;)
        {
            try
            {
                await using var sender = await SmtpSender.ConnectAsync("127.0.0.1", port, "client.test.invalid", NextHopTls.Never, TimeProvider.System, CancellationToken.None);
                while (!cancellationToken.IsCancellationRequested)
                {
                    var token = string.Create(CultureInfo.InvariantCulture, $"{client}.{number++}");
                    var body = string.Concat(Enumerable.Repeat("0123456789012345678901234567890123456789012345678901234567890\r\n", number % 50 == 0 ? 1_500 : 60));
                    var sent = await sender.SendAsync("a@client.test.invalid", ["postmaster@" + Domain], Encoding.ASCII.GetBytes($"Subject: {token}\r\n\r\n{body}"));
                    if (sent.IsAccepted)
                    {
                        _acknowledged[token] = true;
                    }
                    else if (sent.ConnectionLost)
                    {
                        break;
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
        var head = Encoding.ASCII.GetString(message.Content.Span[..Math.Min(1_024, message.Content.Length)]);
        _received.GetOrAdd(Between(head, "Subject: ", "\r\n"), static _ => new()).Enqueue(new Reception(Between(head, " id ", ";")[..IdLength], Stopwatch.GetTimestamp()));
        return default;
    }

    private static string Between(string text, string start, string end)
    {
        var at = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[at..text.IndexOf(end, at, StringComparison.Ordinal)];
    }

    // The meters of the last run are appended when it has been read again, and then once a minute.
    private static async Task<(long Messages, long Metered)> CountAsync(string directory, CancellationToken cancellationToken)
    {
        (long Messages, long Metered) counts = default;
        for (var attempt = 0; attempt < 450; attempt++)
        {
            counts = (
                await OneAsync(directory, "projections", "SELECT count(*) FROM mail_message", cancellationToken),
                await OneAsync(directory, "control", "SELECT coalesce(sum(quantity), 0) FROM meter_delta WHERE meter = 'mail.messages'", cancellationToken));
            if (counts.Messages == counts.Metered)
            {
                break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }

        return counts;
    }

    private static async Task<long> OneAsync(string directory, string store, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, store + ".db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private sealed record Reception(string Id, long Timestamp);
}
