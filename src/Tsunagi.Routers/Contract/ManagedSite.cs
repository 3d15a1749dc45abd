namespace Tsunagi.Routers.Contract;

/// <summary>One subscription as the server of the routers sees it.</summary>
/// <param name="Device">The identity its box must have; null when any may come.</param>
/// <param name="Suspended">A hold is in force: the router is heard and not worked on.</param>
internal sealed record ManagedSite(string Subscription, string TenantId, string TenantPath, string SiteId, string SiteName, string? Device, string? ClaimCode, bool Suspended);
