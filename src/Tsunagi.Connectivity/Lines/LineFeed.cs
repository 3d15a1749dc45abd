using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.AccessServers;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Lines;

/// <summary>
/// Keeps this node's snapshot true to the store: at a hint, and at least every second, (1) it reads the lines and access servers that changed since the revision it has seen, (2) opens
/// their secrets, (3) makes the records of those lines anew, and of the lines whose subscription changed, and (4) puts a new snapshot in force. Nothing is in force before the contract
/// was read once: until then nobody knows who may connect.
/// </summary>
internal sealed partial class LineFeed(Stores stores, LineSecrets secrets, LineSnapshotHolder holder, LineSignal signal, ConnectivityOptions options, TimeProvider time, ILogger<LineFeed> log)
    : BackgroundService
{
    private const int RowsAtATime = 2_000;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, Kept> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _bySubscription = new(StringComparer.Ordinal);
    private readonly RealmRules _realms = RealmRules.Of(options);

    private IReadOnlyDictionary<string, LineTerms>? _terms;
    private long _termsRevision;
    private long _seen;
    private long _readAt;

    /// <summary>When the store was last seen to say what is in force, µs since 1970; 0 before the first time.</summary>
    public long ReadAt => Volatile.Read(ref _readAt);

    /// <summary>Lines of a subscription that have not ended, as of the last look.</summary>
    public int CountOf(string subscription) => _bySubscription.TryGetValue(subscription, out var lines) ? lines.Count : 0;

    /// <summary>Takes what subscriptions mean now, and follows the store.</summary>
    public async ValueTask RefreshAsync(IReadOnlyDictionary<string, LineTerms> terms, long revision, IReadOnlySet<string> changed, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var isFirst = _terms is null;
            _terms = terms;
            _termsRevision = revision;
            await FollowAsync(isFirst ? null : changed, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Follows the store; nothing before the contract was read once.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_terms is not null)
            {
                await FollowAsync(new HashSet<string>(), cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hint = signal.Listen();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RefreshAsync(stoppingToken);
                await hint.WaitAsync(options.Lines.PollEvery, stoppingToken);
            }
            catch (StoreUnavailableException away)
            {
                // The snapshot in force stays: authentication goes on without the store.
                LogStoreAway(log, away);
                await Task.Delay(options.Lines.PollEvery, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogFailed(log, fault);
                await Task.Delay(options.Lines.PollEvery, time, stoppingToken);
            }
        }
    }

    /// <param name="subscriptions">Those whose terms changed; null for all.</param>
    private async ValueTask FollowAsync(IReadOnlySet<string>? subscriptions, CancellationToken cancellationToken)
    {
        // (1)
        var now = time.NowMicros();
        var seen = await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT revision FROM connectivity_revision WHERE one = 1"), cancellationToken);
        var touched = new HashSet<string>(StringComparer.Ordinal);
        if (seen > _seen)
        {
            await ReadLinesAsync(seen, touched, cancellationToken);
        }

        var nases = seen > _seen ? await ReadNasesAsync(seen, cancellationToken) : [];
        foreach (var subscription in subscriptions ?? _bySubscription.Keys.ToHashSet())
        {
            touched.UnionWith(_bySubscription.GetValueOrDefault(subscription) ?? []);
        }

        _seen = Math.Max(_seen, seen);
        if (touched.Count == 0 && nases.Count == 0 && holder.Current.Version >= _seen + _termsRevision && holder.IsFilled)
        {
            Volatile.Write(ref _readAt, now);
            return;
        }

        // (3), (4) The first time from nothing: a copy of an earlier run may hold lines that are gone.
        var builder = new LineSnapshotBuilder(subscriptions is null ? LineSnapshot.Empty : holder.Current) { Version = _seen + _termsRevision, TakenAt = time.NowMicros(), Realms = _realms };
        foreach (var id in touched)
        {
            builder.Remove(id);
        }

        foreach (var id in touched)
        {
            if (_lines.TryGetValue(id, out var kept) && !builder.TryAdd(LineOf(kept)))
            {
                LogClash(log, id);
            }
        }

        foreach (var (nas, isRemoved) in nases)
        {
            if (isRemoved)
            {
                builder.RemoveNas(nas.NasId);
            }
            else
            {
                builder.Set(nas);
            }
        }

        holder.Set(builder.Build());
        Volatile.Write(ref _readAt, now);
    }

    private async ValueTask ReadLinesAsync(long until, HashSet<string> touched, CancellationToken cancellationToken)
    {
        var after = _seen;
        while (true)
        {
            var from = after;
            var rows = await stores.Control.ReadAsync(
                reader => reader.QueryAsync<BoxedLine>(
                    $"SELECT {LineRow.Columns}, password_box FROM connectivity_line WHERE revision > @From AND revision <= @Until ORDER BY revision LIMIT @Limit",
                    new { From = from, Until = until, Limit = (long)RowsAtATime }),
                cancellationToken);

            // (2)
            foreach (var row in rows)
            {
                touched.Add(row.Line.Id);
                await TakeAsync(row, cancellationToken);
                after = row.Revision;
            }

            if (rows.Count < RowsAtATime)
            {
                return;
            }
        }
    }

    private async ValueTask TakeAsync(BoxedLine boxed, CancellationToken cancellationToken)
    {
        var line = boxed.Line;
        if (line.IsEnded)
        {
            _lines.Remove(line.Id);
            _bySubscription.GetValueOrDefault(line.SubscriptionId)?.Remove(line.Id);
            return;
        }

        var password = await secrets.OpenAsync(line.TenantPath, line.Form, boxed.PasswordBox, cancellationToken);
        if (password.Form != line.Form)
        {
            LogUnreadable(log, line.Id);
        }

        _lines[line.Id] = new Kept(line, password);
        if (!_bySubscription.TryGetValue(line.SubscriptionId, out var lines))
        {
            _bySubscription[line.SubscriptionId] = lines = new HashSet<string>(StringComparer.Ordinal);
        }

        lines.Add(line.Id);
    }

    private async ValueTask<IReadOnlyList<(Nas Nas, bool IsRemoved)>> ReadNasesAsync(long until, CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<NasRow>($"SELECT {NasRow.Columns}, secret_box FROM connectivity_nas WHERE revision > @Seen AND revision <= @Until ORDER BY revision", new { Seen = _seen, Until = until }),
            cancellationToken);
        var nases = new List<(Nas, bool)>(rows.Count);
        foreach (var row in rows)
        {
            var secret = row.IsRemoved ? [] : await secrets.OpenSecretAsync(row.TenantPath, row.SecretBox!, cancellationToken);
            if (secret is null)
            {
                LogUnreadable(log, row.Id);
            }

            nases.Add((row.ToNas(secret ?? []), row.IsRemoved || secret is null));
        }

        return nases;
    }

    private Line LineOf(Kept kept)
    {
        var row = kept.Row;
        var terms = _terms!.GetValueOrDefault(row.SubscriptionId);
        return new Line
        {
            LineId = row.Id, TenantId = row.TenantId, TenantPath = row.TenantPath, SubscriptionId = row.SubscriptionId, UserName = row.UserName, Password = kept.Password,
            CircuitId = row.CircuitId.Length > 0 ? row.CircuitId : null, RemoteId = row.RemoteId.Length > 0 ? row.RemoteId : null, CircuitProves = row.CircuitProves,
            Plan = terms?.Plan ?? LinePlan.Unlimited, SuspendedFor = terms is null ? "no subscription" : terms.SuspendedFor, Replies = row.ReplyList, Addresses = AddressesOf(row, terms),
        };
    }

    private static LineAddresses AddressesOf(LineRow row, LineTerms? terms)
    {
        var v4 = row.V4.Length > 0 ? IPNetwork.Parse(row.V4) : default(IPNetwork?);
        return new LineAddresses
        {
            V4 = v4 is { } block ? FirstHost(block) : null, V4Netmask = v4 is { PrefixLength: < 32 } wide ? MaskOf(wide.PrefixLength) : null,
            V6 = row.V6.Length > 0 ? IPNetwork.Parse(row.V6).BaseAddress : null,
            LinkPrefix = row.LinkPrefix.Length > 0 ? IPNetwork.Parse(row.LinkPrefix) : null,
            DelegatedPrefix = row.DelegatedPrefix.Length > 0 ? IPNetwork.Parse(row.DelegatedPrefix) : null,
            V4Pool = row.V4.Length == 0 ? Some(terms?.V4Pool) : null, V6Pool = row.LinkPrefix.Length == 0 ? Some(terms?.LinkPool) : null,
            DelegatedPool = row.DelegatedPrefix.Length == 0 ? Some(terms?.DelegatedPool) : null, Routes = row.RouteList,
        };
    }

    /// <summary>Of a block, the customer's router has the first address that is neither network nor broadcast (RFC 3021: of two, the first).</summary>
    private static IPAddress FirstHost(IPNetwork block)
    {
        var bytes = block.BaseAddress.GetAddressBytes();
        if (block.PrefixLength < 31)
        {
            bytes[^1] |= 1;
        }

        return new IPAddress(bytes);
    }

    private static IPAddress MaskOf(int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, uint.MaxValue << (32 - length));
        return new IPAddress(bytes);
    }

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private sealed record Kept(LineRow Row, LinePassword Password);

    private sealed record BoxedLine(
        string Id, string TenantPath, string TenantId, string SubscriptionId, string Name, string UserName, string CircuitId, string RemoteId, bool CircuitProves, string Port, string SiteId,
        string PasswordForm, long? PasswordSetAt, string V4, string V6, string LinkPrefix, string DelegatedPrefix, string Routes, string Replies, string ExternalRefs, long Revision, long Version,
        long CreatedAt, long? EndedAt, byte[]? PasswordBox)
    {
        public LineRow Line { get; } = new(
            Id, TenantPath, TenantId, SubscriptionId, Name, UserName, CircuitId, RemoteId, CircuitProves, Port, SiteId, PasswordForm, PasswordSetAt, V4, V6, LinkPrefix, DelegatedPrefix, Routes, Replies,
            ExternalRefs, Revision, Version, CreatedAt, EndedAt);
    }

    [LoggerMessage(4101, LogLevel.Warning, "the store is away; lines are served as they were last read")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(4102, LogLevel.Error, "following the lines of the store failed; it is tried again")]
    private static partial void LogFailed(ILogger log, Exception exception);

    [LoggerMessage(4103, LogLevel.Warning, "the secret of {Id} cannot be opened with this node's keys: it is as if there were none")]
    private static partial void LogUnreadable(ILogger log, string id);

    [LoggerMessage(4104, LogLevel.Warning, "line {Id} answers to the same name or circuit as another and is left out")]
    private static partial void LogClash(ILogger log, string id);
}
