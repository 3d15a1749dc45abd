using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Cwmp;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Tasks;

namespace Tsunagi.Routers.Helpdesk;

/// <summary>
/// With the customer on the phone: (1) a call is opened with a reason, for a limited time, audited, (2) the router is asked to call and what the page shows is read anew,
/// (3) while the call is open its opener may restart the router, test from it, and reveal a password, each audited.
/// </summary>
internal sealed class HelpDesk(Stores stores, DeviceStore devices, TaskBook tasks, ConnectionRequests requests, TreeStore trees, ChangeRecorder changes, RoutersOptions options, TimeProvider time)
{
    public static readonly TenantQuery Open = new("routers.call.open", """
        SELECT id, tenant_path, device_id, actor_id, actor_name, reason, opened_at, expires_at FROM router_call
        WHERE {tenant} AND device_id = @Device AND actor_id = @Actor AND expires_at > @Now ORDER BY id DESC LIMIT 1
        """);

    public ValueTask<HelpCall?> CallAsync(Caller caller, string device, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<HelpCall>(Open, new { Device = device, Actor = caller.ActorId, Now = time.NowMicros() }, cancellationToken);

    /// <summary>(1) (2)</summary>
    public async ValueTask<Outcome<HelpCall>> OpenAsync(Caller caller, RouterDevice device, string reason, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var call = new HelpCall(Id.New("rh", time), device.TenantPath, device.Id, caller.ActorId, caller.ActorName, reason, now, now + (long)options.CallLife.TotalMicroseconds);
        var refresh = await DoAsync(caller, device, TaskKinds.Refresh, "", cancellationToken);
        if (!refresh.Ok)
        {
            return refresh.Refusal;
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO router_call (id, tenant_path, device_id, actor_id, actor_name, reason, opened_at, expires_at)
                    VALUES (@Id, @TenantPath, @DeviceId, @ActorId, @ActorName, @Reason, @OpenedAt, @ExpiresAt)
                    """,
                    call);
                await changes.RecordAsync(
                    transaction, caller, RouterEvents.CallOpened, device.Id, device.TenantPath, null, new { call = call.Id, until = call.ExpiresAt }, JsonSerializer.Serialize(new { call = call.Id, identity = device.Identity }), reason);
                return true;
            },
            cancellationToken);
        return call;
    }

    /// <summary>Puts a task up and asks the router to call now. What a call must be open for is refused without one.</summary>
    public async ValueTask<Outcome<RouterTask>> DoAsync(Caller caller, RouterDevice device, string kind, string argument, CancellationToken cancellationToken)
    {
        if (kind is TaskKinds.Reboot or TaskKinds.Ping or TaskKinds.Trace && await CallAsync(caller, device.Id, cancellationToken) is null)
        {
            return Refusal.Conflict("routers.call.needed", "this needs an open helpdesk call on the router");
        }

        if (kind is TaskKinds.Ping or TaskKinds.Trace && !IsHost(argument))
        {
            return Refusal.Invalid("routers.task.host", "host", "this is no host name or address", "a name or an IP address");
        }

        var task = await tasks.AddAsync(caller, device, kind, argument, cancellationToken);
        if (task.Ok)
        {
            await requests.WakeAsync(device, cancellationToken);
        }

        return task;
    }

    /// <summary>The value of a secret: the look is in the audit before it is shown.</summary>
    public async ValueTask<Outcome<RevealedSecret>> RevealAsync(Caller caller, RouterDevice device, string path, string reason, CancellationToken cancellationToken)
    {
        var tree = await trees.ReadAsync(device, cancellationToken);
        if (tree.Find(path) is not { IsSecret: true } secret)
        {
            return Refusal.Invalid("routers.secret.none", "path", "the router has told no secret of this name");
        }

        if (await CallAsync(caller, device.Id, cancellationToken) is null)
        {
            return Refusal.Conflict("routers.call.needed", "this needs an open helpdesk call on the router");
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                await changes.RecordAsync(transaction, caller, RouterEvents.SecretRevealed, device.Id, device.TenantPath, null, new { path }, JsonSerializer.Serialize(new { identity = device.Identity }), reason);
                return true;
            },
            cancellationToken);
        return new RevealedSecret(path, secret.Value, secret.At);
    }

    public ValueTask<RouterDevice?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) => devices.FindAsync(caller, id, cancellationToken);

    internal static bool IsHost(string text) => text.Length is > 0 and <= 253 && (System.Net.IPAddress.TryParse(text, out _) || Uri.CheckHostName(text) == UriHostNameType.Dns);
}

/// <summary>An open call.</summary>
internal sealed record HelpCall(string Id, string TenantPath, string DeviceId, string ActorId, string ActorName, string Reason, long OpenedAt, long ExpiresAt);

/// <summary>A secret that was revealed. An empty value: the router does not tell it.</summary>
public sealed record RevealedSecret(string Path, string Value, long At);
