using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Account;

/// <summary>Which addresses a session came to hold or let go between two of its states, for the history of who held what. Lines only: what is nobody's is not kept.</summary>
internal static class SessionHoldings
{
    /// <summary>One address that was begun, ended, or both.</summary>
    internal sealed record Step(IPNetwork Prefix, SessionRow Session, long? From, long? To);

    public static IEnumerable<IPNetwork> AddressesOf(SessionRow row)
    {
        if (IPAddress.TryParse(row.V4, out var v4))
        {
            yield return new IPNetwork(v4, 32);
        }

        if (IPAddress.TryParse(row.V6, out var v6))
        {
            yield return new IPNetwork(v6, 128);
        }

        foreach (var prefix in (string[])[row.LinkPrefix, row.DelegatedPrefix])
        {
            if (IPNetwork.TryParse(prefix, out var network))
            {
                yield return network;
            }
        }
    }

    /// <param name="before">Null for a session that is new.</param>
    /// <param name="at">When the report that made the difference happened, µs.</param>
    public static IEnumerable<Step> Between(SessionRow? before, SessionRow after, long at)
    {
        if (after.LineId.Length == 0)
        {
            yield break;
        }

        var had = before is { EndedAt: null } ? AddressesOf(before).ToHashSet() : [];
        var has = AddressesOf(after).ToList();
        foreach (var gone in had.Where(address => after.EndedAt is not null || !has.Contains(address)))
        {
            yield return new Step(gone, after, null, after.EndedAt ?? at);
        }

        // One told first by a later report was had from the start, unless another was had before; a session that lives on after we thought it over had them all the time.
        var from = before is null || (before.EndedAt is null && had.Count == 0) ? after.StartedAt : before.EndedAt ?? at;
        foreach (var come in has.Where(address => !had.Contains(address)))
        {
            if (after.EndedAt is null || after.EndedAt > from)
            {
                yield return new Step(come, after, from, after.EndedAt);
            }
        }
    }

    /// <summary>
    /// Writes the steps in their order, with few statements: what is begun and ended by the same steps is one row that has its end; what was begun before is ended first. Another end of what has ended
    /// changes nothing, and neither has another beginning of what has begun.
    /// </summary>
    public static async ValueTask WriteAsync(ISqlTransaction transaction, IEnumerable<Step> steps, HoldingShapes? shapes = null)
    {
        var begun = new List<Holding>();
        var lasting = new Dictionary<(IPNetwork Prefix, string Session), int>();
        var ended = new Dictionary<(IPNetwork Prefix, string Session), Step>();
        var known = new HashSet<(IPNetwork Prefix, string Session, long From)>();
        foreach (var step in steps)
        {
            var row = step.Session;
            var key = (step.Prefix, row.Id);
            if (step.From is { } from)
            {
                if (known.Add((step.Prefix, row.Id, from)))
                {
                    if (step.To is null)
                    {
                        lasting[key] = begun.Count;
                    }

                    begun.Add(new Holding(Vrf.Global, step.Prefix, row.LineId, row.TenantId, row.TenantPath, row.Id, from, step.To, row.Node));
                }
            }
            else if (lasting.Remove(key, out var at))
            {
                begun[at] = begun[at] with { ToMicros = Math.Max(begun[at].FromMicros, step.To!.Value) };
            }
            else
            {
                ended.TryAdd(key, step);
            }
        }

        await AssignmentHistory.CloseAsync(transaction, [.. ended.Values.Select(static step => (Vrf.Global, step.Prefix, step.Session.LineId, step.Session.Id, step.To!.Value))]);
        await AssignmentHistory.OpenAsync(transaction, begun, shapes);
    }
}
