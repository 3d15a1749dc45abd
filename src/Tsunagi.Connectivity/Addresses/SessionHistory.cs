using System.Net;
using Tsunagi.Connectivity.Account;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>What sessions held, as the projection of accounting tells it: one row for each session and address, which says the newest of its beginning and end.</summary>
internal sealed class SessionHistory(Node node) : IAddressHistory
{
    public async ValueTask RecordAsync(ISqlTransaction transaction, string tenantPath, string lineId, string sessionId, string nasId, IPNetwork address, long from, long? until)
    {
        var changed = await transaction.ExecuteAsync(
            "UPDATE connectivity_holding SET from_at = @From, to_at = @Until WHERE vrf_id = @Vrf AND holding_key = @Key AND session = @Session AND line_id = @Line",
            new { From = from, Until = until, Vrf = Vrf.Global, AddressBlock.From(address).Key, Session = sessionId, Line = lineId });
        if (changed == 0)
        {
            var tenant = tenantPath.TrimEnd('/');
            await AssignmentHistory.OpenAsync(
                transaction, [new Holding(Vrf.Global, address, lineId, tenant[(tenant.LastIndexOf('/') + 1)..], tenantPath, sessionId, from, until, node.Name)]);
        }
    }
}
