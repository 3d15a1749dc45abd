using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Journals;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Account;

/// <summary>
/// Makes sessions and usage from the accounting log, exactly once: (1) records are read; (2) each is a report of a session, found by NAS, Acct-Session-Id and user name, wherever its other
/// reports were taken; (3) the session takes what the report knows better, and what its counters grew by is usage; (4) Accounting-On and -Off close the NAS's sessions at the time they were
/// last alive; (5) sessions, usage by minute, meters, who had which address, events, what is to be
/// relayed to home servers and the position in the log are one transaction. A report that comes twice, late, or by another node
/// grows nothing twice, since every report carries the session's counters from its start.
/// </summary>
internal sealed partial class SessionProjector(
    Stores stores, AccountingLog accounting, OpenSessions open, Outbox outbox, Node node, ConnectivityOptions options, ConnectivityMetrics metrics, LineSnapshotHolder lines, TimeProvider time,
    ILogger<SessionProjector> log, IAddressPools? pools = null, RadiusProxy? proxy = null) : BackgroundService
{
    private const long MinuteMicros = 60 * UnixMicros.PerSecond;

    private static readonly RowStatement Usage = RowStatement.Insert(
        "connectivity_usage",
        [
            RowColumn.Text("session_id"), RowColumn.Number("minute"), RowColumn.Text("tenant_path"), RowColumn.Text("line_id"), RowColumn.Text("subscription_id"), RowColumn.Number("octets_in"),
            RowColumn.Number("octets_out"), RowColumn.Number("seconds"),
        ],
        """
        ON CONFLICT (session_id, minute) DO UPDATE SET octets_in = connectivity_usage.octets_in + excluded.octets_in, octets_out = connectivity_usage.octets_out + excluded.octets_out,
          seconds = connectivity_usage.seconds + excluded.seconds
        """);

    private readonly JournalReader _reader = new(accounting, AccountingLog.Consumer, stores, node, time);
    private readonly HoldingShapes _shapes = new();
    private readonly Dictionary<(string Nas, long Minute), (int Count, bool Told)> _lost = [];
    private string? _provider;

    /// <summary>Takes one batch's effect; returns how many records there were. For one caller at a time.</summary>
    internal async ValueTask<int> ProjectAsync(LogConsumer consumer, TimeSpan wait, CancellationToken cancellationToken)
    {
        // (1)
        var batch = await consumer.ReadAsync(JournalReader.BatchRecords, wait, cancellationToken);
        if (batch.Count == 0)
        {
            return 0;
        }

        _provider ??= await ProviderTenant.PathAsync(stores, cancellationToken);
        var reports = Read(batch);
        var relayed = ReadRelayed(batch);
        var effect = await stores.Control.WriteAsync(transaction => ApplyAsync(transaction, reports, relayed, batch.End), cancellationToken);
        consumer.Commit(batch.End);
        Follow(effect);
        return batch.Count;
    }

    /// <summary>Opens the log at the position that the store knows.</summary>
    internal ValueTask<LogConsumer?> TryOpenAsync(CancellationToken cancellationToken) => _reader.TryOpenAsync(cancellationToken);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _reader.RunAsync(ProjectAsync, static () => true, failed => LogWaiting(log, failed), stoppingToken);

    private List<(AccountingRecord Record, AccountingReport Report, long ReceivedAt)> Read(LogBatch batch)
    {
        var reports = new List<(AccountingRecord, AccountingReport, long)>();
        foreach (var entry in batch)
        {
            if (entry.Kind is AccountingRecord.Kind or AccountingRecord.RelayedKind && AccountingRecord.TryRead(entry.Facts, out var record) && RadiusPacket.TryParse(record.Packet.Span, null, out var packet, out _)
                && AccountingReport.TryRead(packet, entry.TimeMicros, out var report))
            {
                // The batch's memory is the log's; what is kept is copied.
                reports.Add((record with { Packet = default }, report!, entry.TimeMicros));
            }
            else
            {
                LogUnread(log, entry.Position.ToString());
            }
        }

        return reports;
    }

    private List<RelayedReport> ReadRelayed(LogBatch batch)
    {
        var relayed = new List<RelayedReport>();
        foreach (var entry in batch)
        {
            if (entry.Kind == AccountingRecord.RelayedKind && AccountingRecord.TryRead(entry.Facts, out var record) && RadiusPacket.TryParse(record.Packet.Span, null, out var packet, out _)
                && AccountingReport.TryRead(packet, entry.TimeMicros, out var report))
            {
                // Of a realm that is proxied no more it is written down too: the relay gives it up, and tells so.
                var realm = proxy?.RealmOf(packet, lines.Current)?.Name ?? report!.UserName[(report.UserName.LastIndexOf('@') + 1)..];
                relayed.Add(new RelayedReport(record with { Packet = record.Packet.ToArray() }, report!, realm, entry.TimeMicros, entry.Position.Value));
            }
        }

        return relayed;
    }

    // (2) to (5); may run again from its start.
    private async ValueTask<Effect> ApplyAsync(
        ISqlTransaction transaction, List<(AccountingRecord Record, AccountingReport Report, long ReceivedAt)> reports, List<RelayedReport> relayed, LogPosition end)
    {
        var effect = new Effect();
        var now = time.NowMicros();
        var sequence = ((await ConsumerPosition.ReadAsync(transaction, node.Name, AccountingLog.Consumer))?.Sequence ?? 0) + 1;
        await ReadSessionsAsync(transaction, effect, reports);
        foreach (var (record, report, receivedAt) in reports)
        {
            if (report.Status is AccountingStatus.On or AccountingStatus.Off)
            {
                // (4)
                await CloseAllAsync(transaction, effect, record, report, now);
            }
            else if (IsOfSession(report))
            {
                Take(effect, record, report, receivedAt, now);
            }
        }

        // (5)
        await SessionRows.WriteAsync(transaction, effect.Changed.Values);
        await SessionHoldings.WriteAsync(transaction, effect.Holdings, _shapes);
        await WriteUsageAsync(transaction, effect, sequence);
        await TellLostAsync(transaction, effect);
        foreach (var each in relayed)
        {
            await RelayBook.AddAsync(transaction, node.Name, each.Realm, each.Record, each.Report, each.ReceivedAt, each.Position);
        }

        await new ConsumerPosition(0, end.Value, sequence).WriteAsync(transaction, node.Name, AccountingLog.Consumer);
        return effect;
    }

    /// <summary>The sessions that the batch's reports are of, as far as there are any, by one question.</summary>
    private static async ValueTask ReadSessionsAsync(ISqlTransaction transaction, Effect effect, List<(AccountingRecord Record, AccountingReport Report, long ReceivedAt)> reports)
    {
        var keys = reports.Where(static each => IsOfSession(each.Report)).Select(static each => KeyOf(each.Record.NasId, each.Report)).ToHashSet(StringComparer.Ordinal);
        foreach (var row in await SessionRows.NewestOfAsync(transaction, keys))
        {
            effect.Current[row.SessionKey] = row;
        }
    }

    private void Take(Effect effect, AccountingRecord record, AccountingReport report, long receivedAt, long now)
    {
        // (2)
        var key = KeyOf(record.NasId, report);
        effect.Current.TryGetValue(key, out var row);
        if (row is not null && row.IsBefore(report))
        {
            if (row.EndedAt is null)
            {
                Close(effect, row, SessionRow.Superseded, now);
            }

            row = null;
        }

        // (3)
        var known = row ?? New(key, record, report, receivedAt, now);
        var source = record.Source.ToString();
        var next = known.With(report, source, node.Name, receivedAt, now);
        effect.Changed[next.Id] = next;
        effect.Current[key] = next;
        effect.Holdings.AddRange(SessionHoldings.Between(row, next, report.EventAt));
        if (report.Status == AccountingStatus.Stop && known.EndedAt is null && IsLoss(report.Cause))
        {
            effect.Lost.Add((record.NasId, record.NasName, report.EventAt));
        }

        var minute = receivedAt - (receivedAt % MinuteMicros);
        effect.Add((next.Id, minute), next, next.OctetsIn - (row?.OctetsIn ?? 0), next.OctetsOut - (row?.OctetsOut ?? 0), next.Seconds - (row?.Seconds ?? 0));
    }

    private static void Close(Effect effect, SessionRow row, string cause, long now)
    {
        var closed = row.Presume(cause, now);
        effect.Changed[closed.Id] = closed;
        effect.Current[closed.SessionKey] = closed;
        effect.Holdings.AddRange(SessionHoldings.Between(row, closed, closed.EndedAt!.Value));
    }

    private async ValueTask CloseAllAsync(ISqlTransaction transaction, Effect effect, AccountingRecord record, AccountingReport report, long now)
    {
        var rows = await transaction.QueryAsync<SessionRow>(SessionStore.OpenOfNas, new { Nas = record.NasId });
        var all = rows.ToDictionary(static row => row.Id, StringComparer.Ordinal);
        foreach (var changed in effect.Changed.Values.Where(row => row.NasId == record.NasId))
        {
            all[changed.Id] = changed;
        }

        foreach (var row in all.Values.Where(row => row.EndedAt is null && row.LastEventAt < report.EventAt))
        {
            Close(effect, row, SessionRow.NasReboot, now);
            effect.Lost.Add((record.NasId, record.NasName, report.EventAt));
        }
    }

    private SessionRow New(string key, AccountingRecord record, AccountingReport report, long receivedAt, long now)
    {
        // The same first report gives the same id on every run.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{report.BeganAt}"));
        return new SessionRow(
            Id.Format("cs", report.BeganAt / 1_000, hash.AsSpan(0, 10)), key, record.TenantPath.Length > 0 ? record.TenantPath : _provider ?? "", record.TenantId, record.LineId, record.SubscriptionId, record.NasId, record.NasName,
            report.SessionId, report.UserName, "", "", "", record.Source.ToString(), "", "", "", "", report.BeganAt, report.EventAt, receivedAt, 0, 0, 0, SessionCounters.None.Text(), record.InterimSeconds, null, "",
            node.Name, now);
    }

    private static bool IsOfSession(AccountingReport report) => report.Status is AccountingStatus.Start or AccountingStatus.Stop or AccountingStatus.Interim;

    private static string KeyOf(string nasId, AccountingReport report) => $"{nasId}\n{report.SessionId}\n{report.UserName}";

    private static bool IsLoss(string cause) => cause is "Lost-Carrier" or "Lost-Service" or "Admin-Reboot" or "Port-Error" or "NAS-Error" or "NAS-Reboot" or "Lost-Power" or "Service-Unavailable";

    private async ValueTask WriteUsageAsync(ISqlTransaction transaction, Effect effect, long sequence)
    {
        var meters = new Dictionary<(string Subscription, string Meter, long Minute), MeterDelta>();
        var rows = new List<object?[]>(effect.Usage.Count);
        foreach (var ((session, minute), usage) in effect.Usage.Where(static each => each.Value.In + each.Value.Out + each.Value.Seconds > 0).OrderBy(static each => each.Key.Session, StringComparer.Ordinal))
        {
            rows.Add([session, minute, usage.Row.TenantPath, usage.Row.LineId, usage.Row.SubscriptionId, usage.In, usage.Out, usage.Seconds]);
            if (usage.Row.SubscriptionId.Length > 0)
            {
                Sum(meters, usage.Row, minute, ConnectivityMeters.OctetsIn, usage.In);
                Sum(meters, usage.Row, minute, ConnectivityMeters.OctetsOut, usage.Out);
                Sum(meters, usage.Row, minute, ConnectivityMeters.Seconds, usage.Seconds);
            }
        }

        await transaction.WriteRowsAsync(Usage, rows);
        await MeterDeltas.AppendAsync(transaction, node.Name, node.Boot, sequence, meters.Values);
    }

    private static void Sum(Dictionary<(string Subscription, string Meter, long Minute), MeterDelta> meters, SessionRow row, long minute, string meter, long quantity)
    {
        if (quantity > 0)
        {
            var key = (row.SubscriptionId, meter, minute);
            meters[key] = meters.TryGetValue(key, out var known) ? known with { Quantity = known.Quantity + quantity } : new MeterDelta(row.TenantPath, row.SubscriptionId, meter, minute, quantity);
        }
    }

    /// <summary>Many sessions lost on one NAS in a minute are one event, whose id is that NAS and minute.</summary>
    private async ValueTask TellLostAsync(ISqlTransaction transaction, Effect effect)
    {
        foreach (var lost in effect.Lost.GroupBy(static each => (each.Nas, Minute: each.At - (each.At % MinuteMicros))))
        {
            var known = _lost.GetValueOrDefault(lost.Key);
            var count = known.Count + lost.Count();
            effect.LostCounts[lost.Key] = (count, known.Told || count >= options.Account.ManyLost);
            if (!known.Told && count >= options.Account.ManyLost && _provider is { } provider)
            {
                var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{lost.Key.Nas}\n{lost.Key.Minute}\n{node.Name}"));
                await outbox.AppendAsync(transaction, new Event(
                    Id.Format("e", lost.Key.Minute / 1_000, hash.AsSpan(0, 10)), SessionEvents.SessionsLost, lost.Max(static each => each.At), provider, lost.Key.Nas,
                    JsonSerializer.Serialize(new { nas = lost.First().Name, sessions = count, withinSeconds = 60 })));
            }
        }
    }

    /// <summary>What memory knows follows what was committed.</summary>
    private void Follow(Effect effect)
    {
        metrics.SessionsLost(effect.Lost.Count);
        foreach (var (key, count) in effect.LostCounts)
        {
            _lost[key] = count;
        }

        while (_lost.Count > 1_000)
        {
            _lost.Remove(_lost.Keys.MinBy(static key => key.Minute));
        }

        foreach (var row in effect.Changed.Values)
        {
            OpenSessionFeed.Note(open, row);
            if (pools is not null && lines.Current.ById(row.LineId) is { } line)
            {
                foreach (var address in SessionHoldings.AddressesOf(row))
                {
                    if (row.EndedAt is null)
                    {
                        pools.InUse(line, address);
                    }
                    else
                    {
                        pools.Release(line, address);
                    }
                }
            }
        }
    }

    [LoggerMessage(5141, LogLevel.Warning, "sessions are not brought up to date; the accounting waits in the log")]
    private static partial void LogWaiting(ILogger log, Exception exception);

    [LoggerMessage(5142, LogLevel.Warning, "the accounting record at {Position} tells of no session and was left out")]
    private static partial void LogUnread(ILogger log, string position);

    /// <summary>A record that goes to a home server too.</summary>
    private sealed record RelayedReport(AccountingRecord Record, AccountingReport Report, string Realm, long ReceivedAt, long Position);

    /// <summary>What a batch changes.</summary>
    private sealed class Effect
    {
        /// <summary>The session that reports under a key belong to now.</summary>
        public Dictionary<string, SessionRow> Current { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, SessionRow> Changed { get; } = new(StringComparer.Ordinal);

        public Dictionary<(string Session, long Minute), (SessionRow Row, long In, long Out, long Seconds)> Usage { get; } = [];

        public List<SessionHoldings.Step> Holdings { get; } = [];

        public List<(string Nas, string Name, long At)> Lost { get; } = [];

        public Dictionary<(string Nas, long Minute), (int Count, bool Told)> LostCounts { get; } = [];

        public void Add((string Session, long Minute) key, SessionRow row, long octetsIn, long octetsOut, long seconds)
        {
            var known = Usage.GetValueOrDefault(key);
            Usage[key] = (row, known.In + octetsIn, known.Out + octetsOut, known.Seconds + seconds);
        }
    }
}
