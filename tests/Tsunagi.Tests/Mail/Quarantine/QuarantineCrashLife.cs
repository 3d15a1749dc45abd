using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Events;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Mail.Quarantine;

/// <summary>
/// A random life of the quarantine, drawn from a seed: messages that are to be held come in, are held, released and delivered, and the machine loses power, dies or finds
/// its disk failing at random changes of the disk, and starts again. Judged by what was acknowledged, what the book says, what opens, and what the next hop got: each
/// acknowledged message is in the quarantine once, each released copy was delivered, and again only where a crash came between the next hop's taking it and the note of that.
/// </summary>
internal sealed class QuarantineCrashLife : IAsyncDisposable
{
    private const int Boots = 3;
    private const int MessagesPerBoot = 8;

    private readonly Random _random;
    private readonly int _seed;
    private readonly Stores _stores;
    private readonly SecretBox _box;
    private readonly CrashDisk _disk = new();
    private readonly ConcurrentDictionary<string, string> _acknowledged = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(int Boot, string Id)>> _received = new();
    private readonly ConcurrentDictionary<ActivityTraceId, int> _noted = new();
    private readonly HashSet<string> _released = [];
    private volatile int _boot;

    private QuarantineCrashLife(int seed, Stores stores, SecretBox box) => (_seed, _random, _stores, _box) = (seed, new Random(seed), stores, box);

    /// <summary>What was broken, or null.</summary>
    public string? Broken { get; private set; }

    public int Acknowledged => _acknowledged.Count;

    public int Released => _released.Count;

    public static async Task<QuarantineCrashLife> RunAsync(int seed, string directory)
    {
        var time = TimeProvider.System;
        var stores = await ReadyTables.OpenAsync(
            new StoreOptions { Directory = directory },
            [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, SecretBox.Schema, LeaseSchema.Control, LeaseSchema.Projections, .. new MailModule().Describe().Schema]);
        var box = await SecretBox.OpenAsync(stores, MasterKeys.Open(SecretsSetup.DefaultMasterFile(directory), time), time, CancellationToken.None);
        var life = new QuarantineCrashLife(seed, stores, box);
        await life.RunAsync();
        return life;
    }

    public ValueTask DisposeAsync() => _stores.DisposeAsync();

    private async Task RunAsync()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == MailTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.OperationName == MailTracing.Attempt && span.GetTagItem(MailTracing.Outcome) is MessageState.Delivered)
                {
                    _noted[span.TraceId] = _boot;
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var receiver = new SmtpReceiver { Taken = Take };
        receiver.Start();
        for (var boot = 0; boot <= Boots && Broken is null; boot++)
        {
            _disk.ClearFaults();
            _boot = boot;
            var disk = _disk.Boot();
            var last = boot == Boots;
            if (boot == 0)
            {
                disk.CreateDirectory("/data");
                disk.SyncDirectory("/", SyncPoints.LogDirectory);
            }

            if (!last)
            {
                _disk.OrderFault(_disk.Changes + 1 + _random.Next(150), (CrashDisk.Fault)_random.Next(4));
            }

            try
            {
                await RunOnceAsync(disk, receiver, boot, last);
            }
            catch (IOException) when (!last)
            {
                // The disk went while the spool was opened or closed.
            }

            if (!last)
            {
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
    }

    private async Task RunOnceAsync(IDisk disk, SmtpReceiver receiver, int boot, bool last)
    {
        var time = TimeProvider.System;
        var options = new MailOptions
        {
            HostName = "gateway.test",
            ReopenAfter = TimeSpan.FromMilliseconds(20),
            Spool = new() { Segments = new() { SegmentBytes = 256 << 10, MaxBatchBytes = 64 << 10, MaxRecordBytes = 32 << 10, FreeSpaceFloorBytes = 0 }, InlineBodyBytes = 1_024, CarriedBodyBytes = 512, MaxFactsBytes = 8 << 10 },
            Delivery = new() { FirstRetry = TimeSpan.FromMilliseconds(100), LongestRetry = TimeSpan.FromMilliseconds(200), FirstProbe = TimeSpan.FromMilliseconds(100), LongestProbe = TimeSpan.FromMilliseconds(200) },
        };
        var contracts = new GatewayContracts();
        contracts.Apply(Contract(receiver.Port), new Dictionary<string, string> { ["one.example"] = HeldMail.Tenant });
        var node = new Node("n", "b", "/data");
        var catalogue = new EventCatalogue(MailEvents.All);
        var outbox = new Outbox(catalogue, new OutboxSignal(_stores.Control.Hints));
        var changes = new ChangeRecorder(new AuditTrail(_stores, time), outbox, time);
        await using var spool = new MailSpool(options, node, disk, time, NullLogger<MailSpool>.Instance);
        await spool.StartAsync(CancellationToken.None);
        using var holds = new NextHopHolds(_stores, changes, time, NullLogger<NextHopHolds>.Instance);
        using var metrics = new MailMetrics();
        var line = new HoldLine();
        using var keys = new SigningKeys(_stores, _box, time, NullLogger<SigningKeys>.Instance);
        var signer = new OutboundSigner(keys, contracts, time, NullLogger<OutboundSigner>.Instance);
        await using var scheduler = new DeliveryScheduler(
            spool, options, contracts, new NextHopBook(), holds, line, new Tsunagi.Mail.Reports.ReportLine(), signer, new OutboundTcp(new OutboundOptions { Allow = [IPNetwork.Parse("127.0.0.0/8")] }, time), metrics, time, NullLogger<DeliveryScheduler>.Instance);
        using var trace = new TraceProjector(_stores, spool, catalogue, new EventSignal(), node, time, NullLogger<TraceProjector>.Instance);
        var book = new HeldBook(_stores, node, time);
        var bodies = new HeldBodies(options, node, disk, _box);
        using var keeper = new QuarantineKeeper(line, spool, bodies, book, contracts, metrics, time, NullLogger<QuarantineKeeper>.Instance);
        var once = new SpoolOnce(spool, scheduler, trace, _stores);
        using var releases = new HeldReleases(book, bodies, once, _stores, outbox, metrics, time, NullLogger<HeldReleases>.Instance);
        using var senders = new SenderBook(_stores, changes, time, NullLogger<SenderBook>.Instance);
        var desk = new HeldDesk(_stores, book, releases, senders, contracts, changes, metrics, time);
        using var retention = new HeldRetention(
            book, bodies, spool, contracts, _stores, outbox, Leases.For(_stores, "n", new LeaseOptions(), time, NullLogger<Leases>.Instance), options, metrics, time, NullLogger<HeldRetention>.Instance);
        await trace.StartAsync(CancellationToken.None);
        await scheduler.StartAsync(CancellationToken.None);
        await keeper.StartAsync(CancellationToken.None);
        await releases.StartAsync(CancellationToken.None);
        try
        {
            if (last)
            {
                await SettleAsync(book, desk, scheduler, line, bodies, retention);
            }
            else
            {
                await LiveAsync(spool, scheduler, book, desk, boot);
            }
        }
        finally
        {
            _disk.ClearFaults();
            if (!last && _random.Next(2) == 0)
            {
                _disk.Kill();
            }

            await releases.StopAsync(CancellationToken.None);
            await keeper.StopAsync(CancellationToken.None);
            await scheduler.StopAsync(CancellationToken.None);
            await trace.StopAsync(CancellationToken.None);
        }
    }

    private async Task LiveAsync(MailSpool spool, DeliveryScheduler scheduler, HeldBook book, HeldDesk desk, int boot)
    {
        for (var i = 0; i < MessagesPerBoot; i++)
        {
            await PutAsync(spool, scheduler, $"{_seed}.{boot}.{i}", i);
            foreach (var row in await book.ListAsync(HeldMail.Operator.Caller, HeldFilter.Newest with { State = HeldState.Held }, 50, CancellationToken.None))
            {
                if (_random.Next(3) == 0)
                {
                    await ReleaseTwiceAsync(desk, row);
                }
            }
        }

        for (var wait = 0; wait < 15 && !_disk.IsOff; wait++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task ReleaseTwiceAsync(HeldDesk desk, HeldRow row)
    {
        var both = await Task.WhenAll(
            desk.ReleaseAsync(HeldMail.Administrator, row.Id, false, CancellationToken.None).AsTask(), desk.ReleaseAsync(HeldMail.Operator, row.Id, false, CancellationToken.None).AsTask());
        if (both[0].Value?.ReleaseId != both[1].Value?.ReleaseId || !both[0].Ok)
        {
            Broken ??= $"seed {_seed}: {row.Id} was released as {both[0].Value?.ReleaseId} and as {both[1].Value?.ReleaseId}";
        }

        _released.Add(row.Id);
    }

    /// <summary>A quiet life at the end: everything is held, half of what is left is released, all of that is delivered.</summary>
    private async Task SettleAsync(HeldBook book, HeldDesk desk, DeliveryScheduler scheduler, HoldLine line, HeldBodies bodies, HeldRetention retention)
    {
        await UntilAsync(() => ValueTask.FromResult(line.Count == 0), "held messages stay in the spool");
        await retention.SweepOrphansAsync(CancellationToken.None);
        var rows = await book.ListAsync(HeldMail.Operator.Caller, HeldFilter.Newest, 1_000, CancellationToken.None);
        foreach (var row in rows.Where(static row => row.State == HeldState.Held))
        {
            if (_random.Next(2) == 0)
            {
                await ReleaseTwiceAsync(desk, row);
            }
        }

        await UntilAsync(async () => (await book.ReleasingAsync(1, CancellationToken.None)).Count == 0 && scheduler.Count == 0, "released messages stay undelivered");
        rows = await book.ListAsync(HeldMail.Operator.Caller, HeldFilter.Newest, 1_000, CancellationToken.None);
        Broken ??= Judge(rows) ?? await UnreadableAsync(rows, bodies);
    }

    private string? Judge(IReadOnlyList<HeldRow> rows)
    {
        var byMessage = rows.ToLookup(static row => row.MessageId);
        foreach (var (token, id) in _acknowledged)
        {
            if (byMessage[id].Count() != 2)
            {
                return $"seed {_seed}: {token} ({id}) was acknowledged and has {byMessage[id].Count()} copies in the quarantine instead of 2";
            }
        }

        foreach (var row in rows)
        {
            var got = _received.TryGetValue(row.Id, out var receptions) ? receptions.ToList() : [];
            if ((row.State, got.Count) is not ((HeldState.Held, 0) or (HeldState.Released, > 0)))
            {
                return $"seed {_seed}: {row.Id} is {row.State} and came {got.Count} times";
            }

            for (var i = 1; i < got.Count; i++)
            {
                var trace = SpoolId.TryParse(row.ReleaseId, out var release) ? MailTracing.TraceIdOf(release) : default;
                if (got[i].Boot <= got[i - 1].Boot || (_noted.TryGetValue(trace, out var noted) && noted < got[i].Boot))
                {
                    return $"seed {_seed}: {row.Id} was delivered again in life {got[i].Boot}, though its delivery was known";
                }
            }
        }

        return null;
    }

    private async Task<string?> UnreadableAsync(IReadOnlyList<HeldRow> rows, HeldBodies bodies)
    {
        foreach (var row in rows.Where(static row => row.State == HeldState.Held))
        {
            Assert.True(SpoolId.TryParse(row.MessageId, out var id));
            using var body = await bodies.OpenAsync(id, row.TenantPath, row.Class, CancellationToken.None);
            var buffer = new byte[100_000];
            var length = body.Read(buffer);
            if (!Encoding.UTF8.GetString(buffer, 0, length).Contains("Subject: ", StringComparison.Ordinal))
            {
                return $"seed {_seed}: {row.Id} opens and is another message";
            }
        }

        return null;
    }

    private async Task PutAsync(MailSpool spool, DeliveryScheduler scheduler, string token, int i)
    {
        // Some bodies lie in the log, some are files of their own.
        var content = $"From: win@spam.example\r\nSubject: {token}\r\n\r\n{string.Concat(Enumerable.Repeat("0123456789\r\n", i % 3 == 2 ? 200 : 4))}";
        var facts = HeldMail.Facts(HoldClass.Spam, ["b@one.example", "c@one.example"], content: content, subject: token);
        var id = SpoolId.New(TimeProvider.System);
        try
        {
            using var body = spool.BeginBody();
            body.Write(Encoding.ASCII.GetBytes(content));
            await spool.AcceptAsync(id, facts, new FactsWriter(), body);
        }
        catch (IOException)
        {
            return;
        }

        _acknowledged[token] = id.ToString();
        scheduler.Enqueue(id, facts, Envelope.From(facts)!);
    }

    private ValueTask Take(ReceivedMessage message)
    {
        var text = Encoding.ASCII.GetString(message.Content.Span);
        _received.GetOrAdd(text.Split("id=", 2)[1].Split('\r')[0], static _ => new()).Enqueue((_boot, message.Recipients[0]));
        return default;
    }

    private static async Task UntilAsync(Func<ValueTask<bool>> holds, string what)
    {
        for (var attempt = 0; !await holds(); attempt++)
        {
            Assert.True(attempt < 1_000, what + " after 10 s in a life without faults");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    private static DesiredSnapshot Contract(int port)
    {
        var settings = new GatewaySettings { Domains = ["one.example"], NextHop = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), NextHopTls = NextHopTls.Never };
        var record = new DesiredRecord("s_one", GatewaySettings.Kind, "t_one", HeldMail.Tenant, "test", 0, JsonSerializer.Serialize(settings, SettingsJson.Options), [], null, 1);
        return new DesiredSnapshot(1, new Dictionary<string, DesiredRecord> { ["s_one"] = record });
    }
}
