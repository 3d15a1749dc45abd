using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Routers.Tasks;

namespace Tsunagi.Routers.Devices;

/// <summary>Reads routers and their tasks as one caller may see them.</summary>
internal sealed class DeviceStore(Stores stores)
{
    public static readonly TenantQuery List = new("routers.device.list", $$"""
        SELECT {{RouterDevice.Columns}} FROM router_device WHERE {tenant} AND id > @After
          AND (@State = '' OR state = @State OR (@State = 'silent' AND informed_at > 0 AND informed_at + silent_after < @Now))
          AND (@Site = '' OR site_id = @Site) AND (@Class = '' OR product_class = @Class)
          AND (@Text = '' OR id = @Text OR identity LIKE @Like OR serial = @Text OR model LIKE @Like OR site_name LIKE @Like OR address = @Text OR software = @Text OR subscription_id = @Text OR tags LIKE @Like)
        ORDER BY id LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("routers.device.by-id", $$"""SELECT {{RouterDevice.Columns}} FROM router_device WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery Counts = new("routers.device.counts", """
        SELECT CASE WHEN state <> 'unclaimed' AND informed_at > 0 AND informed_at + silent_after < @Now THEN 'silent' ELSE state END AS state, count(*) AS quantity
        FROM router_device WHERE {tenant} GROUP BY 1 ORDER BY 1
        """);

    public static readonly TenantQuery TaskList = new("routers.task.list", $$"""
        SELECT {{RouterTask.Columns}} FROM router_task WHERE {tenant} AND device_id = @Device AND id < @Before ORDER BY id DESC LIMIT @Limit
        """);

    public ValueTask<IReadOnlyList<RouterDevice>> ListAsync(Caller caller, DeviceFilter filter, string after, int limit, long now, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<RouterDevice>(
            List,
            new { After = after, filter.State, filter.Site, filter.Class, filter.Text, Like = Like(filter.Text), Now = now, Limit = (long)limit },
            cancellationToken);

    public ValueTask<RouterDevice?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<RouterDevice>(ById, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<RouterTask>> TasksAsync(Caller caller, string device, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<RouterTask>(TaskList, new { Device = device, Before = before.Length == 0 ? "~" : before, Limit = (long)limit }, cancellationToken);

    /// <summary>Routers by how they are; silent ones are that alone.</summary>
    public async ValueTask<IReadOnlyDictionary<string, long>> CountAsync(Caller caller, long now, CancellationToken cancellationToken) =>
        (await new TenantStore(stores.Control, caller.Scope).QueryAsync<DeviceCount>(Counts, new { Now = now }, cancellationToken)).ToDictionary(static row => row.State, static row => row.Quantity);

    private static string Like(string text) => text.Length == 0 ? "" : "%" + text.Replace("%", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal) + "%";
}

/// <summary>Which routers; empty texts are any.</summary>
internal sealed record DeviceFilter(string Text = "", string State = "", string Site = "", string Class = "");

/// <summary>How many are so.</summary>
internal sealed record DeviceCount(string State, long Quantity);
