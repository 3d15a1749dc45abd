using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// The uploaded lists of recipients, in memory: a session looks an address up without touching the store, and goes on doing so while the store is
/// away. A new version of a list is noticed within seconds, or at once on the node that took it. Where a customer's directory keeps a list and cannot be read, the list
/// vouches for those on it and says nothing of others: they may be new.
/// </summary>
internal sealed partial class RecipientLists(Stores stores, RecipientListBook book, TimeProvider time, ILogger<RecipientLists> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, RecipientList> _lists = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly SemaphoreSlim _changed = new(0);

    /// <summary>Null when there is no list to say so, or its directory has not been heard for so long that an address it lacks may be new.</summary>
    public bool? Knows(Gateway gateway, Mailbox mailbox) =>
        !_lists.TryGetValue(gateway.Subscription, out var list) ? null : Find(gateway, mailbox) is not null ? true : list.IsGoodUntil > time.NowMicros() ? false : null;

    /// <summary>Whose mailbox it is and in which groups: of an alias, those of the address it stands for. Null when no list knows it.</summary>
    public RecipientEntry? Find(Gateway gateway, Mailbox mailbox)
    {
        if (!_lists.TryGetValue(gateway.Subscription, out var list))
        {
            return null;
        }

        var address = mailbox.ToString().ToLowerInvariant();
        if (list.Entries.TryGetValue(address, out var entry))
        {
            return entry;
        }

        // user+detail@domain is user@domain (RFC 5233 names the parts).
        var separator = gateway.Settings.SubaddressSeparator;
        var at = address.LastIndexOf('@');
        var cut = separator.Length == 0 ? -1 : address.IndexOf(separator, StringComparison.Ordinal);
        return cut > 0 && cut < at ? list.Entries.GetValueOrDefault(string.Concat(address.AsSpan(0, cut), address.AsSpan(at))) : null;
    }

    /// <summary>Reads the lists whose version changed.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var heads = await stores.Control.ReadAsync(
                static reader => reader.QueryAsync<Head>(
                    """
                    SELECT l.subscription_id, l.version, coalesce(d.read_at, 0) AS read_at, coalesce(d.next_at, 0) AS next_at, coalesce(d.problem, '') AS problem
                    FROM mail_recipient_list l LEFT JOIN mail_directory d ON d.subscription_id = l.subscription_id ORDER BY l.subscription_id
                    """),
                cancellationToken);
            foreach (var head in heads)
            {
                var list = _lists.TryGetValue(head.SubscriptionId, out var known) && known.Version == head.Version ? known : await ReadAsync(head.SubscriptionId, cancellationToken);
                _lists[head.SubscriptionId] = list with { IsGoodUntil = GoodUntil(head) };
            }

            foreach (var gone in _lists.Keys.Except(heads.Select(static head => head.SubscriptionId), StringComparer.Ordinal))
            {
                _lists.TryRemove(gone, out _);
            }
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
        }
        finally
        {
            _loading.Release();
        }
    }

    public override void Dispose()
    {
        _loading.Dispose();
        _changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        void Wake(object? sender, EventArgs e) => _changed.Release();
        book.Changed += Wake;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await LoadAsync(stoppingToken);
                await _changed.WaitAsync(LookEvery, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
        finally
        {
            book.Changed -= Wake;
        }
    }

    // Version and entries of one moment.
    private ValueTask<RecipientList> ReadAsync(string subscription, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        async reader =>
        {
            var version = await reader.FirstOrDefaultAsync<long>("SELECT version FROM mail_recipient_list WHERE subscription_id = @Id", new { Id = subscription });
            var rows = await reader.QueryAsync<Row>("SELECT address, alias_of, in_groups FROM mail_recipient_entry WHERE subscription_id = @Id ORDER BY address", new { Id = subscription });
            return new RecipientList(version, Resolve(rows), 0);
        },
        cancellationToken);

    // A list kept by hand is good for ever; one of a directory while its readings go well, and until two of them are missing.
    private static long GoodUntil(Head head) =>
        head.NextAt == 0 ? long.MaxValue
        : head.Problem.Length > 0 || head.ReadAt == 0 ? 0
        : head.NextAt + (head.NextAt - head.ReadAt);

    private sealed record Head(string SubscriptionId, long Version, long ReadAt, long NextAt, string Problem);

    // Groups are mostly the same few texts: one list for each.
    private static FrozenDictionary<string, RecipientEntry> Resolve(IReadOnlyList<Row> rows)
    {
        var groups = new Dictionary<string, string[]>(StringComparer.Ordinal) { [""] = [] };
        var entries = new Dictionary<string, RecipientEntry>(rows.Count, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (!groups.TryGetValue(row.InGroups, out var named))
            {
                groups[row.InGroups] = named = row.InGroups.Split(';');
            }

            entries[row.Address] = new RecipientEntry(row.Address, named);
        }

        foreach (var row in rows)
        {
            if (row.AliasOf.Length > 0 && entries.TryGetValue(row.AliasOf, out var real))
            {
                entries[row.Address] = real;
            }
        }

        return entries.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private sealed record Row(string Address, string AliasOf, string InGroups);

    /// <param name="IsGoodUntil">Microseconds; from then on it says nothing of addresses that it lacks.</param>
    private sealed record RecipientList(long Version, FrozenDictionary<string, RecipientEntry> Entries, long IsGoodUntil);

    [LoggerMessage(2021, LogLevel.Warning, "the store is away; the lists of recipients stay as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
