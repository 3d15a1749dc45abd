using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Delivery;

/// <summary>Next hops to which an operator stopped delivery. Kept in the control store, so that a restart or another node knows.</summary>
internal sealed partial class NextHopHolds(Stores stores, ILogger<NextHopHolds> log)
{
    private FrozenDictionary<string, string> _held = FrozenDictionary<string, string>.Empty;

    public event Action? Changed;

    /// <summary>Who held it and why, or null.</summary>
    public string? Of(NextHop nextHop) => _held.GetValueOrDefault(nextHop.ToString());

    /// <summary>Reads what is held; a store that is away leaves it as it was.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = await stores.Control.ReadAsync(
                static reader => reader.QueryAsync<Row>("SELECT next_hop, held_by, reason FROM mail_next_hop_hold ORDER BY next_hop"), cancellationToken);
            var held = rows.ToFrozenDictionary(static row => row.NextHop, static row => $"{row.HeldBy}: {row.Reason}", StringComparer.Ordinal);
            var same = held.Count == _held.Count && held.All(pair => _held.TryGetValue(pair.Key, out var known) && known == pair.Value);
            _held = held;
            if (!same)
            {
                Changed?.Invoke();
            }
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
        }
    }

    private sealed record Row(string NextHop, string HeldBy, string Reason);

    [LoggerMessage(2111, LogLevel.Warning, "the store is away; holds on next hops stay as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
