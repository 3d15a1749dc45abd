using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Routers.Devices;

/// <summary>What a site's router is to have: the newest version of its settings, which began as what its first router was adopted with.</summary>
internal sealed class SiteSettings(Stores stores, TreeStore trees)
{
    public static readonly TenantQuery Newest = new("routers.site.newest", """
        SELECT id, tenant_path, site_id, device_id, number, at, made_by, why, settings, box FROM router_site_version WHERE {tenant} AND site_id = @Site ORDER BY number DESC LIMIT 1
        """);

    public ValueTask<SiteVersion?> FindAsync(Caller caller, string site, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<SiteVersion>(Newest, new { Site = site }, cancellationToken);

    public ValueTask<DeviceTree> OpenAsync(SiteVersion version, CancellationToken cancellationToken) => trees.OpenAsync(version.TenantPath, version.Box, cancellationToken);

    /// <summary>Where the router differs from what the site is to have: path, wanted, running (null: it has no such parameter). Secrets differ without being shown.</summary>
    public static IReadOnlyList<SettingDifference> Compare(DeviceTree wanted, DeviceTree running) =>
    [
        .. wanted.Entries.Select(entry => (Wanted: entry, Running: running.Find(entry.Path))).Where(static pair => pair.Running?.Value != pair.Wanted.Value)
            .Select(static pair => pair.Wanted.IsSecret
                ? new SettingDifference(pair.Wanted.Path, "••••••", pair.Running is null ? null : "••••••") : new SettingDifference(pair.Wanted.Path, pair.Wanted.Value, pair.Running?.Value)),
    ];
}

/// <summary>One version of a site's settings.</summary>
internal sealed record SiteVersion(string Id, string TenantPath, string SiteId, string DeviceId, long Number, long At, string MadeBy, string Why, long Settings, byte[] Box);

/// <summary>A setting that runs otherwise than the site is to have it.</summary>
internal sealed record SettingDifference(string Path, string Wanted, string? Running);
