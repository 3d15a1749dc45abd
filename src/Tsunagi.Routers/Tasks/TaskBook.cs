using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Meters;

namespace Tsunagi.Routers.Tasks;

/// <summary>Tasks of routers: made by people, taken by sessions, each ended once: done, refused with a code, or expired.</summary>
internal sealed class TaskBook(Stores stores, DeviceBook devices, ISecretBox secrets, ChangeRecorder changes, RoutersOptions options, RouterMetrics metrics, TimeProvider time)
{
    /// <summary>Sessions in which a task may be begun before it is given up.</summary>
    public const int MostAttempts = 5;

    private const string Purpose = "routers.results";

    // A test or a start takes minutes; after that no word of it comes any more.
    private static readonly TimeSpan WordWithin = TimeSpan.FromMinutes(10);

    public async ValueTask<Outcome<RouterTask>> AddAsync(Caller caller, RouterDevice device, string kind, string argument, CancellationToken cancellationToken)
    {
        if (device.State == DeviceStates.Unclaimed)
        {
            return Refusal.Conflict("routers.task.unclaimed", "the router belongs to no site: nothing is read from it or done on it");
        }

        if (device.IsArms)
        {
            return Refusal.Conflict("routers.task.arms", "the router speaks ARMS: it pulls its site's configuration, and has no such tasks");
        }

        var task = devices.NewTask(device, kind, argument, caller.ActorName);
        return await stores.Control.WriteAsync<Outcome<RouterTask>>(
            async transaction =>
            {
                var open = await transaction.QueryAsync<RouterTask>($"SELECT {RouterTask.Columns} FROM router_task WHERE device_id = @Id AND state IN ('queued', 'sent', 'ready') ORDER BY id", new { device.Id });
                if (open.FirstOrDefault(other => other.Kind == kind && other.Argument == argument && other.State == TaskStates.Queued) is { } same)
                {
                    return same;
                }

                if (open.Count >= options.MaxTasks)
                {
                    return Refusal.Conflict("routers.task.too-many", $"{open.Count} tasks of this router wait already");
                }

                await DeviceBook.InsertTaskAsync(transaction, task);
                await changes.RecordAsync(transaction, caller, RouterEvents.TaskMade, task.Id, device.TenantPath, null, new { device = device.Id, kind, argument }, JsonSerializer.Serialize(new { device = device.Id, kind }));
                return task;
            },
            cancellationToken);
    }

    /// <summary>What is next for a router; null when nothing is. Beginning it is counted. While the router's word on one effect is awaited, no other is asked for.</summary>
    public async ValueTask<RouterTask?> NextAsync(RouterDevice device, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        async transaction =>
        {
            var next = await transaction.FirstOrDefaultAsync<RouterTask>(
                $"""
                SELECT {RouterTask.Columns} FROM router_task t WHERE device_id = @Id AND state IN ('queued', 'ready') AND expires_at > @Now
                  AND (state = 'ready' OR kind IN ('adopt', 'refresh') OR NOT EXISTS (SELECT 1 FROM router_task s WHERE s.device_id = t.device_id AND s.state = 'sent'))
                ORDER BY id LIMIT 1
                """,
                new { device.Id, Now = time.NowMicros() });
            if (next is not null)
            {
                await transaction.ExecuteAsync("UPDATE router_task SET attempts = attempts + 1 WHERE id = @Id", new { next.Id });
            }

            return next;
        },
        cancellationToken);

    /// <summary>Before what has an effect goes out: from here on it is never sent again, whatever becomes of session and program.</summary>
    public async ValueTask SentAsync(RouterTask task, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            "UPDATE router_task SET state = 'sent', expires_at = CASE WHEN expires_at < @Until THEN expires_at ELSE @Until END WHERE id = @Id AND state = 'queued'",
            new { task.Id, Until = time.NowMicros() + (long)WordWithin.TotalMicroseconds }),
        cancellationToken);

    public async ValueTask EndAsync(RouterDevice device, RouterTask task, TaskEnd end, CancellationToken cancellationToken)
    {
        var box = end.Result is null ? null : await secrets.ProtectAsync(device.TenantPath, Purpose, JsonSerializer.SerializeToUtf8Bytes(end.Result), cancellationToken);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var ended = await transaction.ExecuteAsync(
                    "UPDATE router_task SET state = @State, fault_code = @Code, fault_text = @Text, ended_at = @Now, box = @Box WHERE id = @Id AND state IN ('queued', 'sent', 'ready')",
                    new { State = end.IsDone ? TaskStates.Done : TaskStates.Fault, Code = (long)end.FaultCode, Text = end.FaultText, Now = time.NowMicros(), Box = box, task.Id });
                if (ended == 1)
                {
                    await devices.TellAsync(transaction, RouterEvents.TaskEnded, device, new { task = task.Id, kind = task.Kind, outcome = end.IsDone ? "done" : "fault", code = end.FaultCode });
                    if (task.Kind == TaskKinds.Adopt && !end.IsDone)
                    {
                        await devices.TellAsync(transaction, RouterEvents.AdoptFailed, device, new { task = task.Id, code = end.FaultCode, text = end.FaultText });
                    }
                }

                return true;
            },
            cancellationToken);
        metrics.TaskEnded(end.IsDone ? "done" : "fault");
    }

    /// <summary>What came out of a task, as JSON; null when there is nothing.</summary>
    public async ValueTask<JsonElement?> ResultAsync(RouterTask task, CancellationToken cancellationToken) =>
        task.Box is { } box && await secrets.UnprotectAsync(task.TenantPath, Purpose, box, cancellationToken) is { } plain ? JsonDocument.Parse(plain).RootElement.Clone() : null;

    /// <summary>Ends what waited too long, and what was begun too often.</summary>
    public async ValueTask<int> ExpireAsync(CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        async transaction =>
        {
            var over = await transaction.QueryAsync<RouterTask>(
                $"SELECT {RouterTask.Columns} FROM router_task WHERE state IN ('queued', 'sent', 'ready') AND (expires_at <= @Now OR attempts > @Most) ORDER BY id LIMIT 500",
                new { Now = time.NowMicros(), Most = (long)MostAttempts });
            foreach (var task in over)
            {
                await transaction.ExecuteAsync("UPDATE router_task SET state = 'expired', ended_at = @Now WHERE id = @Id", new { Now = time.NowMicros(), task.Id });
                if (await transaction.FirstOrDefaultAsync<RouterDevice>($"SELECT {RouterDevice.Columns} FROM router_device WHERE id = @DeviceId", new { task.DeviceId }) is { } device)
                {
                    await devices.TellAsync(transaction, RouterEvents.TaskEnded, device, new { task = task.Id, kind = task.Kind, outcome = "expired" });
                }
            }

            return over.Count;
        },
        cancellationToken);
}

/// <summary>How a task ended.</summary>
internal sealed record TaskEnd(bool IsDone, int FaultCode = 0, string FaultText = "", object? Result = null)
{
    /// <summary>The values that were read, where it read some.</summary>
    public DeviceTree? Tree { get; init; }

    public static TaskEnd Of(Protocols.Cpe.Cwmp.CwmpFault fault) =>
        new(false, fault.Code, (fault.Text.Length > 0 ? fault.Text : Protocols.Cpe.Cwmp.CwmpFault.NameOf(fault.Code)) is var text && text.Length > 500 ? text[..500] : text);
}
