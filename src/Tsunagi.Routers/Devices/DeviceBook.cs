using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Protocols.Cpe.DataModel;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Contract;
using Tsunagi.Routers.Heartbeats;
using Tsunagi.Routers.Meters;
using Tsunagi.Routers.Tasks;

namespace Tsunagi.Routers.Devices;

/// <summary>Writes what is known of routers: that they called, whose they are, that they were read.</summary>
internal sealed partial class DeviceBook(
    Stores stores, ManagedSites sites, DeviceSecrets secrets, TreeStore trees, ArmsTunnels tunnels, HeartbeatBook heartbeats, RoutersOptions options, ChangeRecorder changes, Outbox outbox, Node node, RouterMetrics metrics, TimeProvider time)
{
    private const long Minute = 60 * UnixMicros.PerSecond;
    private const long Day = 24 * 60 * Minute;
    private string? _provider;
    private long _sequence;

    /// <summary>The router of an identity, whoever's it is: for the server itself, never for a caller.</summary>
    public ValueTask<RouterDevice?> KnownAsync(string identity, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<RouterDevice>($"SELECT {RouterDevice.Columns} FROM router_device WHERE identity = @Identity", new { Identity = identity }), cancellationToken);

    /// <summary>
    /// A router called: (1) one nobody knows is remembered as unclaimed, up to a limit, (2) one that a contract names, or that brings a claim code, is claimed, (3) what it
    /// told of itself is kept, (4) its day is counted and a silence that ended is told, (5) what its events say of waiting tasks is noted. Null when it is refused.
    /// </summary>
    public async ValueTask<RouterDevice?> InformedAsync(Inform inform, string address, CancellationToken cancellationToken)
    {
        var identity = DeviceIdentity.Of(inform.Device);
        var device = await KnownAsync(identity, cancellationToken);

        // (1)
        if (device is null)
        {
            device = await RememberAsync(inform, identity, cancellationToken);
            if (device is null)
            {
                metrics.Refused("unclaimed-limit");
                return null;
            }
        }

        // (2)
        if (device.State == DeviceStates.Unclaimed && await ContractAsync(inform, identity, cancellationToken) is { } site)
        {
            device = await ClaimAsync(Caller.System(new TenantScope(site.TenantId, site.TenantPath)), device, site, cancellationToken);
        }

        // (3) (4) (5)
        return await NoteAsync(device, inform, address, cancellationToken);
    }

    /// <summary>Gives an unclaimed router to the site of a subscription.</summary>
    public async ValueTask<Outcome<RouterDevice>> ClaimAsync(Caller caller, RouterDevice device, string subscription, CancellationToken cancellationToken)
    {
        if (!sites.All.TryGetValue(subscription, out var site) || !caller.Scope.Covers(site.TenantPath))
        {
            return Refusal.Invalid("routers.claim.subscription", "subscription", "there is no such running subscription to a managed site", "the id of a subscription to routers.managed-site");
        }

        return device.State != DeviceStates.Unclaimed ? Refusal.Conflict("routers.claim.taken", "the router belongs to a site already; take it off there first")
            : await OccupiedAsync(subscription, cancellationToken) ? Refusal.Conflict("routers.claim.occupied", "the site has a router already; take that one off first")
            : site.Device is { } wanted && !wanted.Equals(device.Identity, StringComparison.OrdinalIgnoreCase)
                ? Refusal.Conflict("routers.claim.other", "the subscription names another router; change it there first")
            : await ClaimAsync(caller, device, site, cancellationToken);
    }

    /// <summary>Takes a router off its site: it is nobody's again, and what was read of it is forgotten. The site keeps its settings.</summary>
    public async ValueTask<Outcome<RouterDevice>> ReleaseAsync(Caller caller, RouterDevice device, CancellationToken cancellationToken)
    {
        if (device.State == DeviceStates.Unclaimed)
        {
            return Refusal.Conflict("routers.release.unclaimed", "the router belongs to no site");
        }

        var provider = await ProviderAsync(cancellationToken);
        var kept = await KeptAsync(device, provider, cancellationToken);
        var after = await stores.Control.WriteAsync(
            async transaction =>
            {
                var nobodys = await ReleaseAsync(transaction, device, provider, kept, "its box was taken off the site");
                await changes.RecordAsync(transaction, caller, RouterEvents.Released, device.Id, device.TenantPath, new { site = device.SiteId }, new { site = "" }, Facts(device));
                return nobodys;
            },
            cancellationToken);
        tunnels.Close(device.Id);
        heartbeats.Forget(device.Identity);
        return after;
    }

    public async ValueTask<RouterDevice> SetCredentialsAsync(Caller caller, RouterDevice device, IReadOnlyDictionary<string, DeviceCredentials> credentials, CancellationToken cancellationToken)
    {
        var boxes = new List<(string Name, byte[] Box)>();
        foreach (var (name, value) in credentials)
        {
            boxes.Add((name, await secrets.CloseAsync(device.TenantPath, value, cancellationToken)));
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var (name, box) in boxes)
                {
                    await DeviceSecrets.WriteAsync(transaction, device.Id, device.TenantPath, name, box);
                }

                await changes.RecordAsync(transaction, caller, RouterEvents.CredentialsSet, device.Id, device.TenantPath, null, new { of = boxes.Select(static box => box.Name) }, Facts(device));
                return true;
            },
            cancellationToken);
        return device;
    }

    /// <summary>Remembers a router of another server's list, before it ever called. Null when it is known already.</summary>
    public async ValueTask<RouterDevice?> ImportAsync(Caller caller, RouterDevice wanted, DeviceCredentials? connection, CancellationToken cancellationToken)
    {
        var provider = await ProviderAsync(cancellationToken);
        var device = wanted with { Id = Id.New("rt", time), TenantPath = provider, TenantId = provider.TrimEnd('/'), FirstAt = time.NowMicros(), SilentAfter = (long)options.SilentAfter.TotalMicroseconds };
        var box = connection is null ? null : await secrets.CloseAsync(provider, connection, cancellationToken);
        return await stores.Control.WriteAsync<RouterDevice?>(
            async transaction =>
            {
                if (await InsertAsync(transaction, device) == 0)
                {
                    return null;
                }

                if (box is not null)
                {
                    await DeviceSecrets.WriteAsync(transaction, device.Id, provider, DeviceSecrets.Connection, box);
                }

                await changes.RecordAsync(transaction, caller, RouterEvents.Imported, device.Id, provider, null, new { device.Identity, device.Tags }, Facts(device));
                return device;
            },
            cancellationToken);
    }

    /// <summary>A router was read whole: its values become its site's settings when the site has none yet, and nothing is written to it.</summary>
    public async ValueTask AdoptedAsync(RouterDevice device, DeviceTree tree, string taskId, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var box = await trees.CloseAsync(device.TenantPath, tree, cancellationToken);
        var settings = new DeviceTree([.. tree.Entries.Where(static entry => entry.Writable)]);
        var siteBox = await trees.CloseAsync(device.TenantPath, settings, cancellationToken);
        var version = Id.New("rv", time);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await TreeStore.WriteAsync(transaction, device, box, tree.Entries.Count, now);
                await transaction.ExecuteAsync(
                    "UPDATE router_device SET state = @State, adopted_at = CASE WHEN adopted_at = 0 THEN @Now ELSE adopted_at END WHERE id = @Id", new { State = DeviceStates.Observed, Now = now, device.Id });
                var isFirst = await transaction.ExecuteAsync(
                    """
                    INSERT INTO router_site_version (id, tenant_path, site_id, device_id, number, at, made_by, why, settings, box)
                    SELECT @Version, @TenantPath, @SiteId, @Id, 1, @Now, 'system', 'adopted', @Settings, @Box WHERE NOT EXISTS (SELECT 1 FROM router_site_version WHERE site_id = @SiteId)
                    """,
                    new { Version = version, device.TenantPath, device.SiteId, device.Id, Now = now, Settings = (long)settings.Entries.Count, Box = siteBox }) == 1;
                await TellAsync(transaction, RouterEvents.Adopted, device, new { identity = device.Identity, parameters = tree.Entries.Count, settings = settings.Entries.Count, first = isFirst, task = taskId });
                return true;
            },
            cancellationToken);
    }

    public async ValueTask RefreshedAsync(RouterDevice device, DeviceTree tree, CancellationToken cancellationToken)
    {
        var box = await trees.CloseAsync(device.TenantPath, tree, cancellationToken);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await TreeStore.WriteAsync(transaction, device, box, tree.Entries.Count, time.NowMicros());
                return true;
            },
            cancellationToken);
    }

    public async ValueTask WakedAsync(RouterDevice device, string what, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync("UPDATE router_device SET waked_at = @Now, waked = @What WHERE id = @Id", new { Now = time.NowMicros(), What = what, device.Id }), cancellationToken);

    public async ValueTask<string> ProviderAsync(CancellationToken cancellationToken) =>
        await FindProviderAsync(cancellationToken) ?? throw new InvalidOperationException("keeping a router: the provider itself is not there yet");

    /// <summary>Null before the first start is over.</summary>
    public async ValueTask<string?> FindProviderAsync(CancellationToken cancellationToken) =>
        _provider ??= await ProviderTenant.PathAsync(stores, cancellationToken);

    internal ValueTask TellAsync(ISqlTransaction transaction, string type, RouterDevice device, object facts) =>
        outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), device.TenantPath, device.Id, JsonSerializer.Serialize(facts)));

    private static string Facts(RouterDevice device) => JsonSerializer.Serialize(new { identity = device.Identity, site = device.SiteId });

    private async ValueTask<RouterDevice?> RememberAsync(Inform inform, string identity, CancellationToken cancellationToken)
    {
        var provider = await ProviderAsync(cancellationToken);
        var device = new RouterDevice(
            Id.New("rt", time), provider, provider.TrimEnd('/'), "", "", "", identity, inform.Device.Manufacturer, inform.Device.Oui, inform.Device.ProductClass, inform.Device.SerialNumber, "", "", "",
            nameof(DataModelRoot.Unknown), "", "", DeviceStates.Unclaimed, "", time.NowMicros(), 0, "", 0, 0, 0, (long)options.SilentAfter.TotalMicroseconds, 0, 0, "");
        return await stores.Control.WriteAsync<RouterDevice?>(
            async transaction =>
            {
                var unclaimed = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM router_device WHERE state = 'unclaimed' AND root <> 'Arms'");
                if (unclaimed >= options.MaxUnclaimed)
                {
                    return null;
                }

                if (await InsertAsync(transaction, device) == 0)
                {
                    return await transaction.FirstOrDefaultAsync<RouterDevice>($"SELECT {RouterDevice.Columns} FROM router_device WHERE identity = @Identity", new { Identity = identity });
                }

                await TellAsync(transaction, RouterEvents.Unclaimed, device, new { identity, manufacturer = device.Manufacturer, productClass = device.ProductClass });
                return device;
            },
            cancellationToken);
    }

    private async ValueTask<ManagedSite?> ContractAsync(Inform inform, string identity, CancellationToken cancellationToken)
    {
        var code = inform.Parameters.FirstOrDefault(static p => p.Name.EndsWith(".DeviceInfo.ProvisioningCode", StringComparison.Ordinal))?.Value.Trim() ?? "";
        var site = sites.OfDevice(identity, DeviceIdentity.Short(inform.Device)) ?? sites.OfCode(code);
        return site is null || await OccupiedAsync(site.Subscription, cancellationToken) ? null : site;
    }

    private async ValueTask<bool> OccupiedAsync(string subscription, CancellationToken cancellationToken) => await stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM router_device WHERE subscription_id = @Subscription", new { Subscription = subscription }), cancellationToken) > 0;

    private async ValueTask<RouterDevice> ClaimAsync(Caller caller, RouterDevice device, ManagedSite site, CancellationToken cancellationToken)
    {
        List<(string Name, byte[] Box)> carried = [.. await secrets.CarryAsync(device, site.TenantPath, cancellationToken)];
        if (device.IsArms)
        {
            // Made anew for each site: a box that was taken off is refused at its next word.
            var key = new DeviceCredentials(device.Identity, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
            carried.Add((DeviceSecrets.ResourceServer, await secrets.CloseAsync(site.TenantPath, key, cancellationToken)));
        }

        var after = device with
        {
            TenantPath = site.TenantPath, TenantId = site.TenantId, SubscriptionId = site.Subscription, SiteId = site.SiteId, SiteName = site.SiteName,
            State = device.IsArms ? DeviceStates.Waiting : DeviceStates.Adopting,
        };
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                // Two that claim at once: the second finds it claimed, or the site occupied.
                var free = await transaction.FirstOrDefaultAsync<long>(
                    "SELECT count(*) FROM router_device WHERE (id = @Id AND state <> 'unclaimed') OR subscription_id = @SubscriptionId", new { after.Id, after.SubscriptionId }) == 0;
                if (!free)
                {
                    return device;
                }

                await UpdateAsync(transaction, after);
                foreach (var (name, box) in carried)
                {
                    await DeviceSecrets.WriteAsync(transaction, device.Id, site.TenantPath, name, box);
                }

                if (!device.IsArms)
                {
                    await InsertTaskAsync(transaction, NewTask(after, TaskKinds.Adopt, "", caller.ActorName));
                }

                await changes.RecordAsync(transaction, caller, RouterEvents.Claimed, device.Id, site.TenantPath, null, new { device = device.Identity, site = site.SiteId, subscription = site.Subscription }, Facts(after));
                return after;
            },
            cancellationToken);
    }

    internal RouterTask NewTask(RouterDevice device, string kind, string argument, string by) => new(
        Id.New("rk", time), device.TenantPath, device.Id, kind, argument, TaskStates.Queued, 0, "", by, time.NowMicros(), time.NowMicros() + (long)options.TaskLife.TotalMicroseconds, 0, 0, null);

    internal static async ValueTask InsertTaskAsync(ISqlTransaction transaction, RouterTask task) => await transaction.ExecuteAsync(
        $"""
        INSERT INTO router_task ({RouterTask.Columns})
        VALUES (@Id, @TenantPath, @DeviceId, @Kind, @Argument, @State, @FaultCode, @FaultText, @MadeBy, @MadeAt, @ExpiresAt, @EndedAt, @Attempts, NULL)
        """,
        task);

    private async ValueTask<RouterDevice> NoteAsync(RouterDevice device, Inform inform, string address, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        string? Value(string path) => inform.Parameters.FirstOrDefault(p => p.Name.EndsWith(path, StringComparison.Ordinal))?.Value;
        string Kept(string? value, string former) => string.IsNullOrEmpty(value) ? former : value.Length > 500 ? value[..500] : value;
        var root = inform.Parameters.Select(static p => ParameterNames.RootOf(p.Name)).FirstOrDefault(static r => r != DataModelRoot.Unknown);
        var interval = long.TryParse(Value(".ManagementServer.PeriodicInformInterval"), CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 31_536_000 ? Math.Max(3 * seconds, 180) * UnixMicros.PerSecond : device.SilentAfter;
        var after = device with
        {
            Software = Kept(Value(".DeviceInfo.SoftwareVersion"), device.Software), Hardware = Kept(Value(".DeviceInfo.HardwareVersion"), device.Hardware),
            Model = Kept(Value(".DeviceInfo.ModelName"), device.Model), Manufacturer = Kept(inform.Device.Manufacturer, device.Manufacturer),
            ConnectionUrl = Kept(Value(".ManagementServer.ConnectionRequestURL"), device.ConnectionUrl), Root = root == DataModelRoot.Unknown ? device.Root : root.ToString(),
            Address = address, InformedAt = now, SilentAfter = interval, SilentTold = 0,
            Events = string.Join(", ", inform.Events.Take(16).Select(static e => e.Code.Length > 64 ? e.Code[..64] : e.Code)),
        };
        var silent = device.IsSilent(now) ? Math.Max(1, (now - device.InformedAt - device.SilentAfter) / Minute) : 0;
        var (contract, sequence) = (device.State != DeviceStates.Unclaimed, Interlocked.Increment(ref _sequence));
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await UpdateAsync(transaction, after);
                if (!contract)
                {
                    return true;
                }

                // (4)
                var deltas = new List<MeterDelta>();
                await CountDayAsync(transaction, device, now, deltas);
                if (silent > 0)
                {
                    await CountSilenceAsync(transaction, device, silent, now, deltas);
                }

                if (deltas.Count > 0)
                {
                    await MeterDeltas.AppendAsync(transaction, node.Name + "/routers", node.Boot, sequence, deltas);
                }

                // (5)
                await EventsAsync(transaction, after, inform, now);
                return true;
            },
            cancellationToken);
        return after;
    }

    private static async ValueTask CountDayAsync(ISqlTransaction transaction, RouterDevice device, long now, List<MeterDelta> deltas)
    {
        if (await transaction.ExecuteAsync(
            "INSERT INTO router_day (device_id, day, tenant_path, subscription_id, first_at) VALUES (@Id, @Day, @TenantPath, @SubscriptionId, @Now) ON CONFLICT (device_id, day) DO NOTHING",
            new { device.Id, Day = now / Day, device.TenantPath, device.SubscriptionId, Now = now }) == 1)
        {
            deltas.Add(new MeterDelta(device.TenantPath, device.SubscriptionId, RouterMeters.Devices, now - (now % Minute), 1));
        }
    }

    private async ValueTask CountSilenceAsync(ISqlTransaction transaction, RouterDevice device, long minutes, long now, List<MeterDelta> deltas)
    {
        await transaction.ExecuteAsync(
            "INSERT INTO router_silence (device_id, ended_at, tenant_path, subscription_id, minutes) VALUES (@Id, @Now, @TenantPath, @SubscriptionId, @Minutes)",
            new { device.Id, Now = now, device.TenantPath, device.SubscriptionId, Minutes = minutes });
        deltas.Add(new MeterDelta(device.TenantPath, device.SubscriptionId, RouterMeters.SilentMinutes, now - (now % Minute), minutes));
        await TellAsync(transaction, RouterEvents.Back, device, new { identity = device.Identity, minutes });
    }

    private async ValueTask EventsAsync(ISqlTransaction transaction, RouterDevice device, Inform inform, long now)
    {
        if (inform.Events.Any(static e => e.Number is "0" or "1"))
        {
            await TellAsync(transaction, RouterEvents.Booted, device, new { identity = device.Identity, software = device.Software });
        }

        // A reboot that was asked for: the device says so with its key, or at least that it started.
        var keys = inform.Events.Where(static e => e.Code.StartsWith("M Reboot", StringComparison.OrdinalIgnoreCase)).Select(static e => e.CommandKey).ToList();
        var booted = inform.Events.Any(static e => e.Number is "0" or "1");
        foreach (var task in await transaction.QueryAsync<RouterTask>($"SELECT {RouterTask.Columns} FROM router_task WHERE device_id = @Id AND state = 'sent' ORDER BY id", new { device.Id }))
        {
            if (task.Kind == TaskKinds.Reboot && (booted || keys.Contains(task.Id)))
            {
                await transaction.ExecuteAsync("UPDATE router_task SET state = 'done', ended_at = @Now WHERE id = @Id", new { Now = now, task.Id });
                await TellAsync(transaction, RouterEvents.TaskEnded, device, new { task = task.Id, kind = task.Kind, outcome = "done" });
            }
            else if (task.Kind is TaskKinds.Ping or TaskKinds.Trace && inform.Events.Any(static e => e.Number == "8"))
            {
                await transaction.ExecuteAsync("UPDATE router_task SET state = 'ready' WHERE id = @Id", new { task.Id });
            }
        }
    }

    private static async ValueTask<int> InsertAsync(ISqlTransaction transaction, RouterDevice device) =>
        await transaction.ExecuteAsync($"INSERT INTO router_device ({RouterDevice.Columns}) VALUES ({RouterDevice.Values}) ON CONFLICT (identity) DO NOTHING", device);

    private static async ValueTask UpdateAsync(ISqlTransaction transaction, RouterDevice device) => await transaction.ExecuteAsync(
        """
        UPDATE router_device SET tenant_path = @TenantPath, tenant_id = @TenantId, subscription_id = @SubscriptionId, site_id = @SiteId, site_name = @SiteName, manufacturer = @Manufacturer, model = @Model,
          hardware = @Hardware, software = @Software, root = @Root, address = @Address, connection_url = @ConnectionUrl, state = @State, informed_at = @InformedAt, events = @Events,
          adopted_at = @AdoptedAt, read_at = @ReadAt, parameters = @Parameters, silent_after = @SilentAfter, silent_told = @SilentTold
        WHERE id = @Id
        """,
        device);
}
