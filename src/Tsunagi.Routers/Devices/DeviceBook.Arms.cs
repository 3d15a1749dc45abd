using System.Text.Json;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Heartbeats;
using Tsunagi.Routers.Meters;

namespace Tsunagi.Routers.Devices;

/// <summary>Routers with ARMS: ids that were registered or turned up, what they pulled, whether their tunnel is there.</summary>
internal sealed partial class DeviceBook
{
    private const int LongestWord = 200;

    // A box without a tunnel calls when it starts and when it has to, and never else.
    private const long Never = 100L * 365 * 24 * 60 * Minute;

    private static readonly string[] Troubles = ["rollback failure", "invalid config", "boot failed", "got result of failure from server"];

    /// <summary>Registers a box with its LS-SA key, before it ever called or after it was refused; a contract that names it claims it at once.</summary>
    public async ValueTask<Outcome<RouterDevice>> RegisterAsync(Caller caller, DistributionId id, string key, CancellationToken cancellationToken)
    {
        var provider = await ProviderAsync(cancellationToken);
        var device = await KnownAsync(id.ToString(), cancellationToken);
        if (device is { State: not DeviceStates.Unclaimed })
        {
            return Refusal.Conflict("routers.register.claimed", "the router belongs to a site already; set its key on its page", "distributionId");
        }

        device ??= NewArms(id, provider, "");
        var box = await secrets.CloseAsync(provider, new DeviceCredentials(device.Identity, key), cancellationToken);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await InsertAsync(transaction, device);
                await DeviceSecrets.WriteAsync(transaction, device.Id, provider, DeviceSecrets.Acs, box);
                await changes.RecordAsync(transaction, caller, RouterEvents.Registered, device.Id, provider, null, new { device.Identity }, Facts(device));
                return true;
            },
            cancellationToken);
        return await ContractedAsync(await KnownAsync(device.Identity, cancellationToken) ?? device, cancellationToken);
    }

    /// <summary>The router as it is now: claimed, where a contract names it.</summary>
    public async ValueTask<RouterDevice> ContractedAsync(RouterDevice device, CancellationToken cancellationToken) =>
        device.State == DeviceStates.Unclaimed && sites.OfDevice(device.Identity, device.Identity) is { } site && !await OccupiedAsync(site.Subscription, cancellationToken)
            ? await ClaimAsync(Caller.System(new TenantScope(site.TenantId, site.TenantPath)), device, site, cancellationToken) : device;

    /// <summary>An id nobody has registered asked: it is remembered, up to a limit, and told once.</summary>
    public async ValueTask RememberAsync(DistributionId id, string address, CancellationToken cancellationToken)
    {
        var device = NewArms(id, await ProviderAsync(cancellationToken), address);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var unknown = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM router_device d WHERE state = 'unclaimed' AND root = 'Arms' AND NOT EXISTS (SELECT 1 FROM router_secret s WHERE s.device_id = d.id)");
                if (unknown >= options.Arms.MaxUnknown)
                {
                    metrics.Refused("unknown-limit");
                }
                else if (await InsertAsync(transaction, device with { InformedAt = time.NowMicros() }) == 1)
                {
                    await TellAsync(transaction, RouterEvents.UnknownId, device, new { identity = device.Identity, address });
                }

                return true;
            },
            cancellationToken);
    }

    /// <summary>A router asked and was answered: (1) kept in its history, (2) what it told of itself is kept and its day is counted, (3) how far it is, (4) what an operator has to know is told, once, (5) from now on its heartbeats are known by the passphrase it is given.</summary>
    /// <param name="key">Of its heartbeats; null where it is given none.</param>
    public async ValueTask PulledAsync(RouterDevice device, ArmsPull asked, NewHeartbeatKey? key, CancellationToken cancellationToken)
    {
        var (now, believed) = (time.NowMicros(), asked.Code != ArmsPull.WrongKey);
        var (contract, silent) = (device.State != DeviceStates.Unclaimed && believed, believed && device.IsSilent(now) ? Math.Max(1, (now - device.InformedAt - device.SilentAfter) / Minute) : 0);
        var (cause, firmware, sequence) = (Cut(asked.Cause), Cut(asked.Firmware), Interlocked.Increment(ref _sequence));
        var known = await stores.Control.WriteAsync(
            async transaction =>
            {
                // (1) What it runs is what it was given, though there may be a newer version by now.
                var pull = asked.Kind != ArmsPull.Methods ? asked
                    : asked with { Number = await transaction.FirstOrDefaultAsync<long>("SELECT given FROM router_arms WHERE device_id = @Id", new { device.Id }) };
                var former = await transaction.FirstOrDefaultAsync<ArmsPullRow>($"SELECT {ArmsPullRow.Columns} FROM router_pull WHERE device_id = @Id ORDER BY id DESC LIMIT 1", new { device.Id });
                await transaction.ExecuteAsync(
                    $"INSERT INTO router_pull ({ArmsPullRow.Columns}) VALUES (@Id, @TenantPath, @DeviceId, @SiteId, @At, @Kind, @Cause, @Firmware, @Address, @Code, @Number)",
                    new ArmsPullRow(Id.New("rp", time), device.TenantPath, device.Id, device.SiteId, now, pull.Kind, cause, firmware, pull.Address, pull.Code, pull.Number));
                await transaction.ExecuteAsync(
                    "DELETE FROM router_pull WHERE device_id = @Id AND id NOT IN (SELECT id FROM router_pull WHERE device_id = @Id ORDER BY id DESC LIMIT @Kept)", new { device.Id, Kept = (long)options.Arms.PullsKept });

                // (2)
                if (believed)
                {
                    await transaction.ExecuteAsync(
                        """
                        UPDATE router_device SET informed_at = @Now, address = @Address, silent_told = 0, events = CASE WHEN @Cause = '' THEN events ELSE @Cause END,
                          software = CASE WHEN @Firmware = '' THEN software ELSE @Firmware END WHERE id = @Id
                        """,
                        new { device.Id, Now = now, pull.Address, Cause = cause, Firmware = firmware });
                    await CountAsync(transaction, device, contract, silent, now, sequence);
                }

                // (3) (4)
                await AdvanceAsync(transaction, device, pull, now);
                await TellAsync(transaction, device, pull with { Cause = cause }, former);
                return key is null ? null : await HeartbeatKeys.WriteAsync(transaction, device, key, now);
            },
            cancellationToken);

        // (5)
        if (known is not null)
        {
            heartbeats.Put(known, now);
        }
    }

    /// <summary>Its tunnel is confirmed: it is there, and silent once the tunnel has been away for long.</summary>
    public async ValueTask TunnelledAsync(RouterDevice device, string address, CancellationToken cancellationToken)
    {
        var (now, sequence) = (time.NowMicros(), Interlocked.Increment(ref _sequence));
        var silent = device.IsSilent(now) ? Math.Max(1, (now - device.InformedAt - device.SilentAfter) / Minute) : 0;
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    "UPDATE router_device SET informed_at = @Now, address = @Address, silent_after = @After, silent_told = 0 WHERE id = @Id",
                    new { device.Id, Now = now, Address = address, After = (long)options.Arms.SilentAfter.TotalMicroseconds });
                await transaction.ExecuteAsync("UPDATE router_arms SET push = 'https-tunnel', push_at = @Now WHERE device_id = @Id", new { device.Id, Now = now });
                await CountAsync(transaction, device, device.State != DeviceStates.Unclaimed, silent, now, sequence);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Those whose tunnels are there are there: once a minute, all in one transaction. What is told back has lost its site meanwhile.</summary>
    public async ValueTask<IReadOnlyList<string>> AliveAsync(IReadOnlyCollection<RouterDevice> there, CancellationToken cancellationToken)
    {
        var gone = new List<string>();
        foreach (var batch in there.Chunk(500))
        {
            var sequence = Interlocked.Increment(ref _sequence);
            gone.AddRange(await stores.Control.WriteAsync(
                async transaction =>
                {
                    var (now, lost, deltas) = (time.NowMicros(), new List<string>(), new List<MeterDelta>());
                    foreach (var device in batch)
                    {
                        if (await transaction.ExecuteAsync(
                            "UPDATE router_device SET informed_at = @Now, silent_told = 0 WHERE id = @Id AND subscription_id = @SubscriptionId AND state <> 'unclaimed'", new { device.Id, device.SubscriptionId, Now = now }) == 0)
                        {
                            lost.Add(device.Id);
                            continue;
                        }

                        await CountDayAsync(transaction, device, now, deltas);
                    }

                    if (deltas.Count > 0)
                    {
                        await MeterDeltas.AppendAsync(transaction, node.Name + "/routers", node.Boot, sequence, deltas);
                    }

                    return lost;
                },
                cancellationToken));
        }

        return gone;
    }

    private RouterDevice NewArms(DistributionId id, string provider, string address)
    {
        var text = id.ToString();
        return new RouterDevice(
            Id.New("rt", time), provider, provider.TrimEnd('/'), "", "", "", text, "", "", "SA " + text[15..19], text[20..], "", "", "", RouterDevice.ArmsRoot, address, "", DeviceStates.Unclaimed, "",
            time.NowMicros(), 0, "", 0, 0, 0, Never, 0, 0, "");
    }

    private async ValueTask CountAsync(ISqlTransaction transaction, RouterDevice device, bool contract, long silent, long now, long sequence)
    {
        if (!contract)
        {
            return;
        }

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
    }

    // (3)
    private static async ValueTask AdvanceAsync(ISqlTransaction transaction, RouterDevice device, ArmsPull pull, long now)
    {
        var isGiven = pull is { Kind: ArmsPull.Configuration, Code: ArmsResult.Success };
        if (isGiven)
        {
            await transaction.ExecuteAsync(
                """
                INSERT INTO router_arms (device_id, tenant_path, given, given_at, taken, taken_at, push, push_at) VALUES (@Id, @TenantPath, @Number, @Now, 0, 0, '', 0)
                ON CONFLICT (device_id) DO UPDATE SET given = excluded.given, given_at = excluded.given_at
                """,
                new { device.Id, device.TenantPath, pull.Number, Now = now });
        }
        else if (pull.Kind == ArmsPull.Methods)
        {
            await transaction.ExecuteAsync("UPDATE router_arms SET taken = given, taken_at = @Now WHERE device_id = @Id", new { device.Id, Now = now });
        }
        else
        {
            return;
        }

        await transaction.ExecuteAsync(
            "UPDATE router_device SET state = @State WHERE id = @Id AND subscription_id = @SubscriptionId AND state <> 'unclaimed' AND EXISTS (SELECT 1 FROM router_arms a WHERE a.device_id = router_device.id)",
            new { device.Id, device.SubscriptionId, State = isGiven ? DeviceStates.Given : DeviceStates.Configured });
    }

    // (4)
    private async ValueTask TellAsync(ISqlTransaction transaction, RouterDevice device, ArmsPull pull, ArmsPullRow? former)
    {
        if (pull.Code != ArmsResult.Success)
        {
            if (former is null || former.Code != pull.Code || former.Kind != pull.Kind)
            {
                await TellAsync(transaction, RouterEvents.PullRefused, device, new { identity = device.Identity, asked = pull.Kind, code = pull.Code, why = ArmsPull.WhyOf(pull.Code), address = pull.Address });
            }

            return;
        }

        if (pull.Kind == ArmsPull.Configuration && pull.Cause == "power on boot")
        {
            await TellAsync(transaction, RouterEvents.Booted, device, new { identity = device.Identity, software = pull.Firmware });
        }
        else if (pull.Kind == ArmsPull.Configuration && Troubles.Contains(pull.Cause))
        {
            await TellAsync(transaction, RouterEvents.PullTrouble, device, new { identity = device.Identity, site = device.SiteId, cause = pull.Cause, given = pull.Number });
        }
        else if (pull.Kind == ArmsPull.Methods && device.State == DeviceStates.Given)
        {
            await TellAsync(transaction, RouterEvents.SiteConfigured, device, new { identity = device.Identity, site = device.SiteId, number = pull.Number });
        }
    }

    private static string Cut(string text) => text.Length > LongestWord ? text[..LongestWord] : text;
}
