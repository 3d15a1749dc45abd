using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Protocols.Mail.Links;

namespace Tsunagi.Mail.Pending;

/// <summary>
/// The domains that each tenant writes to, in memory: bounded, written to the store and read from it every few seconds, so that every node knows them and they outlive a restart. From them a domain is known that
/// was mistyped: never written to, and alike to one that often is; and an author who may be taken for one of them, by an index for each tenant that is made anew beside the mail when what is often written to changes. A store that is away keeps nobody waiting: the node goes on by what it knows.
/// </summary>
internal sealed partial class Correspondents(Stores stores, GatewayContracts contracts, MailOptions options, TimeProvider time, ILogger<Correspondents> log) : SharedMemory(time, options.Pending.ShareEvery)
{
    private const int Batch = 500;

    // Domains of one tenant that a name is held beside: those that are written to most.
    private const int MostAlike = 10_000;
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);
    private readonly PendingOptions _options = options.Pending;
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, Known>> _tenants = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string TenantPath, string Domain), long> _unwritten = new();
    private readonly ConcurrentDictionary<string, LookAlikes> _alike = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _changed = new(StringComparer.Ordinal);
    private long _seenMicros;
    private long _sweptMicros;

    public int Count => _tenants.Values.Sum(static domains => domains.Count);

    /// <summary>A message to this domain left, or leaves at once.</summary>
    public void Wrote(string tenantPath, string domain)
    {
        var name = NameOf(domain);
        var now = Time.NowMicros();
        var known = Of(tenantPath).AddOrUpdate(name, static (_, now) => new Known(1, now), static (_, known, now) => new Known(known.Messages + 1, now), now);
        if (known.Messages == _options.OftenMessages)
        {
            _changed[tenantPath] = true;
        }

        _unwritten.AddOrUpdate((tenantPath, name), 1, static (_, more) => more + 1);
    }

    /// <summary>The tenant wrote to this domain before.</summary>
    /// <param name="domain">Lower case, A-labels.</param>
    public bool Knows(string tenantPath, string domain) => _tenants.TryGetValue(tenantPath, out var known) && known.ContainsKey(domain);

    /// <summary>The domain that the tenant often writes to and that a name, one above it, or the beginning of it may be taken for; empty where there is none, and for who was ever written to. What became often a moment ago is known after the next round.</summary>
    /// <param name="domain">Lower case, A-labels.</param>
    public string LikeOne(string tenantPath, string domain) =>
        _alike.TryGetValue(tenantPath, out var alike) && alike.Find(domain) is { Length: > 0 } like && !Knows(tenantPath, domain) && !Knows(tenantPath, OrganizationName.Of(domain).ToString()) ? like : "";

    /// <summary>The domain that was probably meant; empty when there is no doubt: it was written to before, or is like none that often is.</summary>
    public string DoubtOf(string tenantPath, string domain)
    {
        var name = NameOf(domain);
        var known = Of(tenantPath);
        if (known.ContainsKey(name))
        {
            return "";
        }

        var own = contracts.Table.BySubscription.Values.Where(gateway => gateway.TenantPath == tenantPath).SelectMany(static gateway => gateway.Domains).ToList();
        return own.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? ""
            : own.Concat(known.Where(pair => pair.Value.Messages >= _options.OftenMessages).OrderByDescending(static pair => pair.Value.Messages).Select(static pair => pair.Key))
                .FirstOrDefault(often => NameLikeness.IsAlike(name, often)) ?? "";
    }

    protected override async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        foreach (var chunk in _unwritten.Keys.Chunk(Batch))
        {
            var taken = new List<((string TenantPath, string Domain) Key, long Messages)>(chunk.Length);
            foreach (var key in chunk)
            {
                if (_unwritten.TryRemove(key, out var messages))
                {
                    taken.Add((key, messages));
                }
            }

            try
            {
                await stores.Control.WriteAsync(
                    async transaction =>
                    {
                        var now = Time.NowMicros();
                        foreach (var ((tenantPath, domain), messages) in taken)
                        {
                            await transaction.ExecuteAsync(
                                """
                                INSERT INTO mail_correspondent (tenant_path, domain, messages, last_at, written_at) VALUES (@Path, @Domain, @Messages, @Now, @Now)
                                ON CONFLICT (tenant_path, domain) DO UPDATE SET messages = mail_correspondent.messages + excluded.messages, last_at = excluded.last_at, written_at = excluded.written_at
                                """,
                                new { Path = tenantPath, Domain = domain, Messages = messages, Now = now });
                        }

                        return 0;
                    },
                    cancellationToken);
            }
            catch
            {
                taken.ForEach(one => _unwritten.AddOrUpdate(one.Key, one.Messages, (_, more) => more + one.Messages));
                throw;
            }
        }
    }

    protected override async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        var now = Time.NowMicros();
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                "SELECT tenant_path, domain, messages, last_at FROM mail_correspondent WHERE written_at >= @Since ORDER BY last_at DESC LIMIT @Most",
                new { Since = _seenMicros, Most = (long)_options.Correspondents }),
            cancellationToken);
        foreach (var row in rows)
        {
            // What was learnt here since it was written counts besides.
            var (known, messages) = (Of(row.TenantPath), row.Messages + _unwritten.GetValueOrDefault((row.TenantPath, row.Domain)));
            if (messages >= _options.OftenMessages && !(known.TryGetValue(row.Domain, out var before) && before.Messages >= _options.OftenMessages))
            {
                _changed[row.TenantPath] = true;
            }

            known[row.Domain] = new Known(messages, row.LastAt);
        }

        _seenMicros = Math.Max(0, now - Micros(Slack));
    }

    protected override void Forget()
    {
        if (Count > _options.Correspondents)
        {
            ForgetOldest();
        }

        foreach (var path in _changed.Keys)
        {
            if (_changed.TryRemove(path, out _))
            {
                _alike[path] = new LookAlikes([.. Of(path).Where(pair => pair.Value.Messages >= _options.OftenMessages).OrderByDescending(static pair => pair.Value.Messages).Take(MostAlike).Select(static pair => pair.Key)], byLabel: true);
            }
        }
    }

    private void ForgetOldest()
    {
        // A tenth at once, so that this is not the work of every round.
        var all = _tenants.SelectMany(static tenant => tenant.Value.Select(known => (Path: tenant.Key, Domains: tenant.Value, known.Key, known.Value.LastAt))).ToList();
        foreach (var (path, domains, domain, _) in all.OrderBy(static known => known.LastAt).Take(all.Count - (int)(_options.Correspondents * 9L / 10)))
        {
            domains.TryRemove(domain, out _);
            _changed[path] = true;
        }
    }

    protected override async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        var now = Time.NowMicros();
        if (now - _sweptMicros > Micros(TimeSpan.FromHours(1)))
        {
            _sweptMicros = now;
            await stores.Control.WriteAsync(
                transaction => transaction.ExecuteAsync("DELETE FROM mail_correspondent WHERE last_at < @Before", new { Before = now - Micros(_options.KnownFor) }), cancellationToken);
        }
    }

    private ConcurrentDictionary<string, Known> Of(string tenantPath) => _tenants.GetOrAdd(tenantPath, static _ => new ConcurrentDictionary<string, Known>(StringComparer.Ordinal));

    private static string NameOf(string domain) => MailDomain.Normalize(domain) ?? domain.ToLowerInvariant();

    protected override void Kept(StoreUnavailableException away) => LogKept(log, away);

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Known(long Messages, long LastAt);

    private sealed record Row(string TenantPath, string Domain, long Messages, long LastAt);

    [LoggerMessage(2732, LogLevel.Warning, "the store is away; the domains that are written to are kept in memory")]
    private static partial void LogKept(ILogger log, Exception exception);
}
