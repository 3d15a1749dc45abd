namespace Tsunagi.Routers.Devices;

/// <summary>A router as it is kept.</summary>
/// <param name="Identity">OUI-class-serial, OUI-serial, or a distribution id: unique.</param>
/// <param name="Root">"Tr098", "Tr181", "Unknown", or "Arms": a router that pulls its configuration.</param>
/// <param name="State">One of <see cref="DeviceStates"/>.</param>
/// <param name="InformedAt">Its last session; 0 when it never called.</param>
/// <param name="AdoptedAt">When it was first read whole; 0 before.</param>
/// <param name="ReadAt">When values were last read.</param>
/// <param name="SilentAfter">Microseconds without a session after which it is silent.</param>
/// <param name="SilentTold">1 when that was told.</param>
/// <param name="Waked">What became of the last connection request.</param>
public sealed record RouterDevice(
    string Id, string TenantPath, string TenantId, string SubscriptionId, string SiteId, string SiteName, string Identity, string Manufacturer, string Oui, string ProductClass, string Serial, string Model,
    string Hardware, string Software, string Root, string Address, string ConnectionUrl, string State, string Tags, long FirstAt, long InformedAt, string Events, long AdoptedAt, long ReadAt,
    long Parameters, long SilentAfter, long SilentTold, long WakedAt, string Waked)
{
    public const string ArmsRoot = "Arms";

    public const string Columns = """
        id, tenant_path, tenant_id, subscription_id, site_id, site_name, identity, manufacturer, oui, product_class, serial, model, hardware, software, root, address, connection_url, state, tags,
        first_at, informed_at, events, adopted_at, read_at, parameters, silent_after, silent_told, waked_at, waked
        """;

    public const string Values = """
        @Id, @TenantPath, @TenantId, @SubscriptionId, @SiteId, @SiteName, @Identity, @Manufacturer, @Oui, @ProductClass, @Serial, @Model, @Hardware, @Software, @Root, @Address, @ConnectionUrl, @State,
        @Tags, @FirstAt, @InformedAt, @Events, @AdoptedAt, @ReadAt, @Parameters, @SilentAfter, @SilentTold, @WakedAt, @Waked
        """;

    public bool IsArms => Root == ArmsRoot;

    public string Title => Model.Length > 0 ? Model : ProductClass.Length > 0 ? ProductClass : Manufacturer.Length > 0 ? Manufacturer : Identity;

    public bool IsSilent(long now) => InformedAt > 0 && now - InformedAt > SilentAfter;
}

/// <summary>How far a router is.</summary>
internal static class DeviceStates
{
    /// <summary>Nobody has claimed it: its Inform is kept, nothing else.</summary>
    public const string Unclaimed = "unclaimed";

    /// <summary>It belongs to a site and is to be read.</summary>
    public const string Adopting = "adopting";

    /// <summary>Its values are its site's settings; nothing is written to it.</summary>
    public const string Observed = "observed";

    /// <summary>It speaks ARMS, belongs to a site, and has not pulled its configuration yet.</summary>
    public const string Waiting = "waiting";

    /// <summary>It was given its site's configuration and has not said that it runs it.</summary>
    public const string Given = "given";

    /// <summary>It runs what it was given.</summary>
    public const string Configured = "configured";
}
