using System.Net;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Account;

/// <summary>
/// Where it is kept who had an address when. Called by the projection of accounting within its own transaction, any number of times for the same session and address: the newest call says
/// how long it was had so far.
/// </summary>
internal interface IAddressHistory
{
    /// <param name="until">µs; null while the session is open.</param>
    ValueTask RecordAsync(ISqlTransaction transaction, string tenantPath, string lineId, string sessionId, string nasId, IPNetwork address, long from, long? until);
}
