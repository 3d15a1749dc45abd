using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Routes;

/// <summary>
/// How sessions with other domains' servers went, by day (UTC): counted in memory and added to the control store once a minute and at the end, so that one node reports what all saw. A crash loses a
/// minute's counts: they are told to strangers, nobody is billed by them. Nothing is counted while reports are off.
/// </summary>
internal sealed partial class TlsResults(Stores stores, MailOptions options, TimeProvider time, ILogger<TlsResults> log) : BackgroundService
{
    private const int MostKinds = 100_000;
    private const int Together = 200;
    private static readonly TimeSpan WriteEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Dictionary<TlsResultKind, long> _counts = [];
    private bool _full;

    /// <param name="result">A result-type of RFC 8460 section 4.3; empty for a session that went well.</param>
    /// <param name="address">The server's; empty where none was dialled.</param>
    public void Count(Route route, RouteServer server, string address, string result)
    {
        if (!options.TlsReports.IsOn || options.Outbound.Route != DepartureRoute.Mx)
        {
            return;
        }

        var day = time.GetUtcNow().UtcDateTime.Date;
        var kind = new TlsResultKind(
            UnixMicros.From(new DateTimeOffset(day, TimeSpan.Zero)), route.Domain, server.Demand.ReportType, PolicyOf(server.Demand), result, result.Length > 0 ? server.Host.Name : "", result.Length > 0 ? address : "");
        Add(kind, 1);
    }

    /// <summary>A session without the policy that is there and could not be had (RFC 8460 section 4.3.2.1).</summary>
    public void CountPolicy(string domain, string result)
    {
        if (options.TlsReports.IsOn && options.Outbound.Route == DepartureRoute.Mx)
        {
            Add(new TlsResultKind(UnixMicros.From(new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero)), domain, "sts", "[]", result, "", ""), 1);
        }
    }

    internal void Add(TlsResultKind kind, long sessions)
    {
        lock (_gate)
        {
            if (_counts.TryGetValue(kind, out var known))
            {
                _counts[kind] = known + sessions;
            }
            else if (_counts.Count < MostKinds)
            {
                _counts.Add(kind, sessions);
            }
            else if (!_full)
            {
                _full = true;
                LogFull(log, MostKinds);
            }
        }
    }

    /// <summary>Adds what was counted to the store.</summary>
    /// <exception cref="StoreUnavailableException">It is counted on, and added later.</exception>
    internal async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        Dictionary<TlsResultKind, long> counts;
        lock (_gate)
        {
            (counts, _counts, _full) = (_counts, [], false);
        }

        var written = 0;
        try
        {
            foreach (var chunk in counts.Chunk(Together))
            {
                await stores.Control.WriteAsync(transaction => AddAsync(transaction, chunk), cancellationToken);
                written += chunk.Length;
            }
        }
        finally
        {
            foreach (var (kind, sessions) in counts.Skip(written))
            {
                Add(kind, sessions);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Looks.RunAsync("results of TLS sessions", WriteEvery, WriteAsync, away => LogStoreAway(log, away), time, log, stoppingToken);

    private static async ValueTask<bool> AddAsync(ISqlTransaction transaction, KeyValuePair<TlsResultKind, long>[] chunk)
    {
        foreach (var (kind, sessions) in chunk)
        {
            await transaction.ExecuteAsync(
                """
                INSERT INTO mail_tls_result (day_at, domain, hash, policy_type, policy, result, mx, sending, receiving, reason, sessions)
                VALUES (@DayAt, @Domain, @Hash, @PolicyType, @Policy, @Result, @Mx, '', @Receiving, '', @Sessions)
                ON CONFLICT (day_at, domain, hash) DO UPDATE SET sessions = mail_tls_result.sessions + excluded.sessions
                """,
                new { kind.DayAt, kind.Domain, Hash = kind.Hash(), kind.PolicyType, kind.Policy, kind.Result, kind.Mx, kind.Receiving, Sessions = sessions });
        }

        return true;
    }

    private static string PolicyOf(TlsDemand demand) => demand.Policy switch
    {
        TlsPolicy.Dane or TlsPolicy.DaneUnauthenticated => JsonSerializer.Serialize(demand.Tlsa.Select(static record => record.ToString())),
        TlsPolicy.StsEnforce or TlsPolicy.StsTesting => JsonSerializer.Serialize(demand.Sts!.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)),
        _ => "[]",
    };

    [LoggerMessage(2921, LogLevel.Warning, "the store is away; results of TLS sessions are written later")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(2922, LogLevel.Warning, "more than {Kinds} kinds of TLS results in a minute; further kinds are not counted")]
    private static partial void LogFull(ILogger log, int kinds);
}

/// <summary>Sessions that went alike.</summary>
/// <param name="DayAt">The first microsecond of the day, UTC.</param>
/// <param name="Policy">The policy's lines, a JSON array of texts.</param>
/// <param name="Result">Empty where they went well; then neither server nor address are told apart.</param>
internal sealed record TlsResultKind(long DayAt, string Domain, string PolicyType, string Policy, string Result, string Mx, string Receiving)
{
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', PolicyType, Policy, Result, Mx, Receiving))).AsSpan(0, 16));
}
