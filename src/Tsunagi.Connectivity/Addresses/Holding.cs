using System.Net;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>Who holds an address or prefix, from when to when.</summary>
/// <param name="VrfId"><see cref="Vrf.Global"/> for the global table.</param>
/// <param name="Session">The accounting session it was given for; empty for an address that is the line's own.</param>
/// <param name="FromMicros">When it began, by the clock of the node that recorded it.</param>
/// <param name="ToMicros">When it ended; null while it lasts.</param>
/// <param name="Node">The node that recorded it: whose clock the times are.</param>
/// <param name="FirstPort">With <paramref name="LastPort"/> a block of source ports of an address that several share; 0 and 65,535 for the whole.</param>
internal sealed record Holding(
    string VrfId, IPNetwork Prefix, string LineId, string TenantId, string TenantPath, string Session, long FromMicros, long? ToMicros, string Node, int FirstPort = 0, int LastPort = 65_535);
