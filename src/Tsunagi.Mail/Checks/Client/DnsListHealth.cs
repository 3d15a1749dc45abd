using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks.Links;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Dnsbl;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Checks.Client;

/// <summary>
/// Which lists can be believed on this node. A list that any policy names is asked for its test points (RFC 5782 section 5) before it is asked for anybody, and again and again after that: it must have
/// 127.0.0.2 and must not have 127.0.0.1. One that refuses, answers what no list answers, has everything or gives no answer is taken out, is asked for nobody, and is told to those whose policies name
/// it; when it answers as it should it is back. For IPv6 clients it is asked only if it has the test points of IPv6 too. So a list that died costs a message nothing, and a list that went mad hits nobody.
/// </summary>
internal sealed partial class DnsListHealth(Stores stores, PolicyWatch policies, GatewayContracts contracts, Outbox outbox, FilterOptions options, TimeProvider time, ILogger<DnsListHealth> log, IMailDns? dns = null) : BackgroundService, IDnsListHealth
{
    /// <summary>Questions without an answer, one after the other, after which a list is tested before its time.</summary>
    public const int MissesToTest = 3;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, Health> _zones = new(StringComparer.Ordinal);

    public bool MayAsk(string zone, AddressFamily family) =>
        _zones.TryGetValue(zone, out var health) && health.Why is "" && (family == AddressFamily.InterNetwork || health.HasV6);

    /// <summary>Why a list is not asked; empty where it is. Null before it was tested.</summary>
    public string? WhyOut(string zone) => _zones.TryGetValue(zone, out var health) ? health.Why : null;

    public void Answered(string zone, DnsListStatus status)
    {
        if (!_zones.TryGetValue(zone, out var health))
        {
            return;
        }

        health.Misses = status == DnsListStatus.NoAnswer ? health.Misses + 1 : 0;
        if (status is DnsListStatus.Refused or DnsListStatus.OutOfRange || health.Misses >= MissesToTest)
        {
            // It is not asked for anybody until its test says how it is.
            health.Why ??= "";
            (health.Why, health.Misses, health.IsDue) = (Words(status, zone.StartsWith(LinkLists.KeyPrefix, StringComparison.Ordinal)), 0, true);
        }
    }

    /// <summary>Tests what is due and tells what changed.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        // Lists of names stand in the configuration: what becomes of them is the provider's to know.
        var ofLinks = options.LinkLists.DistinctBy(LinkLists.KeyOf).ToDictionary(LinkLists.KeyOf, StringComparer.Ordinal);
        ImmutableArray<string> provider = contracts.ProviderPath.Length > 0 ? [contracts.ProviderPath] : [];
        var wanted = ofLinks.Count == 0
            ? (IReadOnlyDictionary<string, ImmutableArray<string>>)policies.Table.ListZones
            : policies.Table.ListZones.Concat(ofLinks.Keys.Select(key => KeyValuePair.Create(key, provider))).ToDictionary(StringComparer.Ordinal);
        foreach (var gone in _zones.Keys.Where(zone => !wanted.ContainsKey(zone)))
        {
            _zones.TryRemove(gone, out _);
        }

        var now = time.GetTimestamp();
        var due = wanted.Keys.Select(zone => (Zone: zone, Health: _zones.GetOrAdd(zone, static _ => new Health()))).Where(pair => IsDue(pair.Health, now)).ToList();
        await Task.WhenAll(due.Select(pair => ofLinks.TryGetValue(pair.Zone, out var list) ? TestAsync(list, pair.Health, cancellationToken) : TestAsync(pair.Zone, pair.Health, cancellationToken)));
        foreach (var (zone, health) in _zones)
        {
            if (health.Why is { } why && why != health.Told && wanted[zone].Length > 0)
            {
                await TellAsync(zone, why, health.Told, wanted[zone], cancellationToken);
                health.Told = why;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (dns is null)
        {
            return;
        }

        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (StoreUnavailableException away)
                {
                    LogUntold(log, away);
                }

                await Task.Delay(Tick, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private bool IsDue(Health health, long now) =>
        health.IsDue || health.Why is null || time.GetElapsedTime(health.TestedAt, now) >= (health.Why.Length == 0 ? options.ListTestEvery : options.ListRetryEvery);

    private async Task TestAsync(string zone, Health health, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ListDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var asked = await Task.WhenAll(
            AskAsync(DnsList.Listed, zone, either.Token), AskAsync(DnsList.NotListed, zone, either.Token), AskAsync(DnsList.ListedV6, zone, either.Token), AskAsync(DnsList.NotListedV6, zone, either.Token));
        cancellationToken.ThrowIfCancellationRequested();
        var strange = asked[..2].FirstOrDefault(static answer => answer.Status is DnsListStatus.Refused or DnsListStatus.OutOfRange or DnsListStatus.NoAnswer);
        (health.HasV6, health.TestedAt, health.IsDue, health.Misses) = (asked[2].Status == DnsListStatus.Listed && asked[3].Status == DnsListStatus.NotListed, time.GetTimestamp(), false, 0);
        health.Why = strange.Status != DnsListStatus.NotListed ? Words(strange.Status)
            : asked[1].Status == DnsListStatus.Listed ? "it has 127.0.0.1, which no list has: it answers everything"
            : asked[0].Status == DnsListStatus.NotListed ? "it does not have 127.0.0.2, which every list has: it is empty or was given up"
            : "";
    }

    private async Task TestAsync(LinkListOptions list, Health health, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ListDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var asked = await Task.WhenAll(AskAsync(list.TestName, either.Token), AskAsync(list.NeverName, either.Token));
        cancellationToken.ThrowIfCancellationRequested();
        var strange = asked.FirstOrDefault(static answer => answer.Status is DnsListStatus.Refused or DnsListStatus.OutOfRange or DnsListStatus.NoAnswer);
        (health.HasV6, health.TestedAt, health.IsDue, health.Misses) = (true, time.GetTimestamp(), false, 0);
        health.Why = strange.Status == DnsListStatus.Refused && strange.Codes.Contains(DnsList.NotListed) ? "it refuses to answer us (127.0.0.1)"
            : strange.Status != DnsListStatus.NotListed ? Words(strange.Status)
            : asked[1].Status == DnsListStatus.Listed ? "it has 'invalid', which no list has: it answers everything"
            : asked[0].Status == DnsListStatus.NotListed ? $"it does not have its test point '{list.TestPoint}': it is empty or was given up"
            : "";
    }

    private Task<DnsListAnswer> AskAsync(IPAddress address, string zone, CancellationToken cancellationToken) => AskAsync(DnsList.NameOf(address, zone), DnsList.Read, cancellationToken);

    private Task<DnsListAnswer> AskAsync(string name, CancellationToken cancellationToken) => AskAsync(name, LinkLists.Read, cancellationToken);

    private async Task<DnsListAnswer> AskAsync(string name, Reading read, CancellationToken cancellationToken)
    {
        try
        {
            return read(await dns!.AddressesAsync(name, AddressFamily.InterNetwork, cancellationToken).AsTask().WaitAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            return new DnsListAnswer(DnsListStatus.NoAnswer, []);
        }
    }

    private static string Words(DnsListStatus status, bool isOfLinks = false) => status switch
    {
        DnsListStatus.Refused when isOfLinks => "it refuses to answer us (127.255.255.x or 127.0.0.1)",
        DnsListStatus.Refused => "it refuses to answer us (127.255.255.x)",
        DnsListStatus.OutOfRange => "it answers with addresses that no list answers with",
        _ => "it gives no answer",
    };

    // The first test of a list that is good is no news.
    private async ValueTask TellAsync(string key, string why, string? told, ImmutableArray<string> paths, CancellationToken cancellationToken)
    {
        var zone = key.StartsWith(LinkLists.KeyPrefix, StringComparison.Ordinal) ? key[LinkLists.KeyPrefix.Length..] : key;
        if (why.Length == 0 && told is null)
        {
            return;
        }

        if (why.Length > 0 && told is { Length: > 0 })
        {
            // Out for another reason now: that was told.
            return;
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var path in paths)
                {
                    await outbox.AppendAsync(transaction, new Event(
                        Id.New("e", time), why.Length > 0 ? MailEvents.ListOut : MailEvents.ListBack, time.NowMicros(), path, zone, JsonSerializer.Serialize(new { zone, reason = why })));
                }

                return 0;
            },
            cancellationToken);
    }

    private delegate DnsListAnswer Reading(in MailDnsAnswer<IPAddress> answer);

    private sealed class Health
    {
        /// <summary>Null before the first test; empty when it is good.</summary>
        public volatile string? Why;
        public volatile bool HasV6;
        public volatile bool IsDue;
        public volatile int Misses;

        public long TestedAt { get; set; }

        public string? Told { get; set; }
    }

    [LoggerMessage(2521, LogLevel.Warning, "the store is away; what became of block lists is told when it is back")]
    private static partial void LogUntold(ILogger log, Exception exception);
}
