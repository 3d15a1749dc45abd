using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Events;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Net;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Attachments;
using Tsunagi.Mail.Checks.Header;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Greylist;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Mail.Chaos;
using Tsunagi.Tests.Mail.Pending;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Mail.Spool;

/// <summary>
/// A random life of the mail path, drawn from a seed: clients send, a next hop receives, and the machine loses power, dies or finds its disk failing at
/// random changes of the disk, and starts again. Judged only by what the clients were told, what the next hop got, and which outcomes were on the disk: a
/// message that was delivered twice must be traced to a crash between the next hop's taking it and the durable note of that (RFC 1047), or it is a miss.
/// In chaos the next hop comes and goes, puts off, and refuses one sender for good, some mail is held, some waits before it leaves, and the life is judged by <see cref="ConservationCheck"/> from what lies on the disk at its end.
/// </summary>
internal sealed class MailCrashLife
{
    private const int Boots = 3;
    private const int Clients = 4;
    private const int MessagesPerClient = 6;
    private const string Subscription = "s_one";
    private const int IdLength = 28; // "m_" and 26 characters

    private readonly Random _random;
    private readonly int _seed;
    private readonly Stores _stores;
    private readonly CrashDisk _disk = new();
    private readonly ConcurrentDictionary<string, bool> _acknowledged = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Reception>> _received = new();
    private readonly ConcurrentDictionary<ActivityTraceId, int> _noted = new();
    private readonly ConcurrentQueue<string> _receptions = new();
    private readonly ConcurrentQueue<string> _ids = new();
    private readonly bool _chaos;
    private readonly PendingLife _pending;
    private volatile int _boot;
    private int _left;

    private MailCrashLife(int seed, Stores stores, SyncPoint? ignored, bool chaos)
    {
        _chaos = chaos;
        _seed = seed;
        _pending = new PendingLife(seed, _ids);
        _random = new Random(seed);
        _stores = stores;
        _disk.Ignore(ignored);
    }

    /// <param name="stores">For the scheduler's holds; only read, so many lives may share them.</param>
    public static Task<LifeResult> RunAsync(int seed, Stores stores, SyncPoint? ignored = null) => new MailCrashLife(seed, stores, ignored, chaos: false).RunAsync();

    /// <param name="stores">With the policy of <see cref="ChaosWorld.HoldSomeAsync"/>.</param>
    public static Task<LifeResult> RunInChaosAsync(int seed, Stores stores, SyncPoint? ignored = null) => new MailCrashLife(seed, stores, ignored, chaos: true).RunAsync();

    private async Task<LifeResult> RunAsync()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == MailTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Noted,
        };
        ActivitySource.AddActivityListener(listener);
        await using var receiver = new SmtpReceiver { Taken = Take };
        var whims = new ChaosWorld.Whims(_seed);
        receiver.Answer = _chaos ? whims.Answer : null;
        receiver.Start();
        var crashes = 0;
        for (var boot = 0; boot <= Boots; boot++)
        {
            _disk.ClearFaults();
            _boot = boot;
            var disk = _disk.Boot();
            var last = boot == Boots;
            whims.IsOn = !last;
            if (!last)
            {
                _disk.OrderFault(_disk.Changes + 1 + _random.Next(120), (CrashDisk.Fault)_random.Next(4));
            }

            using var calm = new CancellationTokenSource();
            var flapping = _chaos && !last ? whims.FlapAsync(receiver, calm.Token) : Task.CompletedTask;
            try
            {
                await RunOnceAsync(disk, receiver, boot, last);
            }
            catch (IOException)
            {
                // The disk went while the spool was opened or closed.
            }

            await calm.CancelAsync();
            await flapping;
            if (!last)
            {
                crashes++;
                if (_random.Next(3) == 0)
                {
                    _disk.Kill();
                }
                else
                {
                    _disk.LosePower(_seed + boot);
                }
            }
        }

        return _chaos ? JudgeConservation(crashes) : Judge(crashes);
    }

    private LifeResult JudgeConservation(int crashes)
    {
        var disk = _disk.Boot();
        var conserved = new ConservationCheck().Check(ChaosWorld.SegmentsOf(disk, "/data/mail/log"), _receptions, _ids);
        var broken = conserved.Holds ? _pending.WhyBroken(_receptions.ToHashSet()) : $"{conserved}; {_left} still in the queue";
        return new LifeResult(_ids.Count, conserved.Open, conserved.Again, 0, crashes, broken is null ? null : $"seed {_seed}: {broken}")
        {
            Conserved = conserved,
            Evidence = (ChaosWorld.SegmentsOf(disk, "/data/mail/log"), [.. _receptions], [.. _ids]),
        };
    }

    private LifeResult Judge(int crashes)
    {
        var lost = _acknowledged.Keys.Where(token => !_received.ContainsKey(token)).ToList();
        var twice = _received.Values.Where(static receptions => receptions.Count > 1).ToList();
        var unexplained = twice.Select(WhyUnexplained).OfType<string>().ToList();
        var broken = lost.Count > 0 ? $"{lost[0]} was acknowledged and never delivered" : unexplained.Count > 0 ? unexplained[0] : null;
        return new LifeResult(
            _acknowledged.Count, lost.Count, twice.Sum(static receptions => receptions.Count - 1), unexplained.Count, crashes, broken is null ? null : $"seed {_seed}: {broken}");
    }

    // The span of an attempt ends with its outcome on the disk.
    private void Noted(Activity span)
    {
        if (span.OperationName == MailTracing.Attempt && span.GetTagItem(MailTracing.Outcome) is MessageState.Delivered)
        {
            _noted[span.TraceId] = _boot;
        }
    }

    /// <summary>Null when a crash came between each taking and the next, with no outcome on the disk before it.</summary>
    private string? WhyUnexplained(ConcurrentQueue<Reception> receptions)
    {
        var all = receptions.ToList();
        for (var i = 1; i < all.Count; i++)
        {
            var (first, again) = (all[i - 1], all[i]);
            if (first.Id != again.Id)
            {
                return $"{first.Id} and {again.Id} are the same letter, which was sent once";
            }

            if (again.Boot <= first.Boot)
            {
                return $"{first.Id} was delivered twice in life {first.Boot}: no crash lies between";
            }

            if (_noted.TryGetValue(TraceOf(first.Id), out var noted) && noted < again.Boot)
            {
                return $"{first.Id} was delivered again in life {again.Boot}, though its delivery was on the disk in life {noted}";
            }
        }

        return null;
    }

    private static ActivityTraceId TraceOf(string id) =>
        SpoolId.TryParse(id, out var parsed) ? MailTracing.TraceIdOf(parsed) : throw new InvalidOperationException($"the next hop read '{id}' where our id stands");

    private async Task RunOnceAsync(IDisk disk, SmtpReceiver receiver, int boot, bool last)
    {
        var time = TimeProvider.System;
        var options = new MailOptions
        {
            HostName = "gateway.test",
            ReopenAfter = TimeSpan.FromMilliseconds(20),
            Spool = new() { Segments = new() { SegmentBytes = 256 << 10, MaxBatchBytes = 64 << 10, MaxRecordBytes = 32 << 10, FreeSpaceFloorBytes = 0 }, InlineBodyBytes = 1_024, CarriedBodyBytes = 512, MaxFactsBytes = 8 << 10, ReplayWindow = _chaos ? TimeSpan.FromHours(1) : TimeSpan.Zero },
            Smarthost = _chaos ? $"127.0.0.1:{receiver.Port}" : "",
            Delivery = new() { MaxConnectionsPerNextHop = 4, FirstRetry = TimeSpan.FromMilliseconds(100), LongestRetry = TimeSpan.FromMilliseconds(200), FirstProbe = TimeSpan.FromMilliseconds(100), LongestProbe = TimeSpan.FromMilliseconds(200), IdleConnection = TimeSpan.FromMilliseconds(200) },
        };
        var contracts = new GatewayContracts();
        contracts.Apply(Contract(receiver.Port), new Dictionary<string, string> { ["one.example"] = "t_root/t_one/" });
        var catalogue = new EventCatalogue(MailEvents.All);
        var changes = new ChangeRecorder(new AuditTrail(_stores, time), new Outbox(catalogue, new OutboxSignal(_stores.Control.Hints)), time);
        await using var spool = new MailSpool(options, new Node("n", "b", "/data"), disk, time, NullLogger<MailSpool>.Instance);
        await spool.StartAsync(CancellationToken.None);
        var book = new NextHopBook();
        var outbound = new OutboundTcp(new OutboundOptions { Allow = [IPNetwork.Parse("127.0.0.0/8")] }, time);
        using var holds = new NextHopHolds(_stores, changes, time, NullLogger<NextHopHolds>.Instance);
        using var lists = new RecipientLists(_stores, new RecipientListBook(_stores, changes, time), time, NullLogger<RecipientLists>.Instance);
        await using var callAhead = new CallAhead(options, book, outbound, time);
        using var metrics = new MailMetrics();
        // Nothing is sent to others in these lives: no key is opened.
        using var keys = new SigningKeys(_stores, null!, time, NullLogger<SigningKeys>.Instance);
        var signer = new OutboundSigner(keys, contracts, time, NullLogger<OutboundSigner>.Instance);
        await using var scheduler = new DeliveryScheduler(spool, options, contracts, book, holds, new HoldLine(), new Tsunagi.Mail.Reports.ReportLine(), signer, outbound, metrics, time, NullLogger<DeliveryScheduler>.Instance);
        using var senders = new SenderBook(_stores, changes, time, NullLogger<SenderBook>.Instance);
        using var policies = new PolicyWatch(_stores, time, NullLogger<PolicyWatch>.Instance);
        using var outages = new CheckOutages(_stores, new Outbox(catalogue, new OutboxSignal(_stores.Control.Hints)), contracts, time, NullLogger<CheckOutages>.Instance);
        var checks = new CheckRun([new HeaderCheck(), new AttachmentCheck(options.Filter)], options.Filter, outages, metrics, time, NullLogger<CheckRun>.Instance);
        using var greylist = new GreylistBook(_stores, options, time, NullLogger<GreylistBook>.Instance);
        using var refusals = new RefusalWriter(_stores, catalogue, new EventSignal(), metrics, time, NullLogger<RefusalWriter>.Instance);
        var services = new SmtpSessionServices(
            options, contracts, new RecipientCheck(options, contracts, lists, callAhead, book), book, spool, scheduler, lists,
            new MailFilter(options.Filter, policies, checks, new ScanMemory(options.Filter), senders, new GreylistWord(greylist), metrics), refusals, new ConnectionLimits("test", new()), metrics, time, null!,
            new SendingGuard(null!, policies, metrics, time), new ClientLimits(options, contracts, null!, metrics, time), null);
        if (_chaos)
        {
            await policies.LoadAsync(CancellationToken.None);
        }

        await scheduler.StartAsync(CancellationToken.None);
        using var over = new CancellationTokenSource();
        var pending = _chaos ? _pending.RunAsync(spool, scheduler, last, over.Token) : Task.CompletedTask;
        if (!last)
        {
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => SendAsync(services, $"{_seed}.{boot}.{client}")));
        }

        // Everything delivered, or the disk gone.
        for (var attempt = 0; attempt < (last ? 500 : 20) && scheduler.Count > 0 && (last || !_disk.IsOff); attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, CancellationToken.None);
        }

        await over.CancelAsync();
        await pending;
        _left = last ? scheduler.Count : 0;
        _disk.ClearFaults();
        if (!last && _random.Next(2) == 0)
        {
            // Power goes while the program runs, not after it ended well.
            _disk.Kill();
        }

        await scheduler.StopAsync(CancellationToken.None);
    }

    private async Task SendAsync(SmtpSessionServices services, string name)
    {
        var toServer = new Pipe();
        var toClient = new Pipe();
        var connection = new DefaultConnectionContext(name, new Duplex(toServer.Reader, toClient.Writer), new Duplex(toClient.Reader, toServer.Writer))
        {
            RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1),
        };
        var session = new SmtpConnectionHandler(services, NullLogger<SmtpConnectionHandler>.Instance).OnConnectedAsync(connection);
        var client = new StreamReader(toClient.Reader.AsStream(), Encoding.ASCII);
        await client.ReadLineAsync();
        await WriteAsync(toServer.Writer, "HELO client.example\r\n");
        await client.ReadLineAsync();
        for (var i = 0; i < MessagesPerClient; i++)
        {
            var token = $"{name}.{i}";
            var (sender, more) = _chaos ? ChaosWorld.KindOf(i) : (ChaosWorld.Welcome, "");
            await WriteAsync(toServer.Writer, $"MAIL FROM:<{sender}>\r\nRCPT TO:<postmaster@one.example>\r\nDATA\r\n");
            await client.ReadLineAsync();
            await client.ReadLineAsync();
            if (await client.ReadLineAsync() is not { } go || !go.StartsWith("354", StringComparison.Ordinal))
            {
                break;
            }

            // Some bodies lie in the log, some are files of their own.
            await WriteAsync(toServer.Writer, $"Subject: {token}\r\n{more}\r\n{string.Concat(Enumerable.Repeat("0123456789\r\n", i % 3 == 2 ? 200 : 4))}.\r\n");
            if (await client.ReadLineAsync() is { } reply && reply.StartsWith("250", StringComparison.Ordinal))
            {
                _acknowledged[token] = true;
                _ids.Enqueue(reply[reply.IndexOf("m_", StringComparison.Ordinal)..]);
            }
        }

        await toServer.Writer.CompleteAsync();
        await session;
    }

    private ValueTask Take(ReceivedMessage message)
    {
        var text = Encoding.ASCII.GetString(message.Content.Span);
        if (_chaos)
        {
            foreach (var line in ChaosWorld.ReceptionsOf(text, message.Recipients))
            {
                _receptions.Enqueue(line);
            }

            return default;
        }

        _received.GetOrAdd(Between(text, "Subject: ", "\r\n"), static _ => new()).Enqueue(new Reception(_boot, Between(text, " id ", ";")[..IdLength]));
        return default;
    }

    private static string Between(string text, string start, string end)
    {
        var at = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[at..text.IndexOf(end, at, StringComparison.Ordinal)];
    }

    private static async Task WriteAsync(PipeWriter writer, string text) => await writer.WriteAsync(Encoding.ASCII.GetBytes(text));

    private static DesiredSnapshot Contract(int port)
    {
        var settings = new GatewaySettings { Domains = ["one.example"], NextHop = $"127.0.0.1:{port}", NextHopTls = NextHopTls.Never };
        var record = new DesiredRecord(Subscription, GatewaySettings.Kind, "t_one", "t_root/t_one/", "test", 0, JsonSerializer.Serialize(settings, SettingsJson.Options), [], null, 1);
        return new DesiredSnapshot(1, new Dictionary<string, DesiredRecord> { [Subscription] = record });
    }

    /// <param name="Boot">The life in which the next hop took it.</param>
    private sealed record Reception(int Boot, string Id);

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}

/// <summary>What one life came to.</summary>
/// <param name="Duplicates">Deliveries beyond the first of their message.</param>
/// <param name="Unexplained">Messages of which a further delivery cannot be traced to a crash before its outcome was on the disk.</param>
/// <param name="Broken">The promise that was broken, or null.</param>
internal sealed record LifeResult(int Acknowledged, int Lost, int Duplicates, int Unexplained, int Crashes, string? Broken)
{
    /// <summary>In chaos: what became of every recipient.</summary>
    public ConservationResult? Conserved { get; init; }

    /// <summary>In chaos: what that was judged by.</summary>
    public (IReadOnlyList<byte[]> Segments, IReadOnlyList<string> Receptions, IReadOnlyList<string> Acknowledged) Evidence { get; init; }
}
