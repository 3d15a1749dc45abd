namespace Tsunagi.Routers.Tasks;

/// <summary>Something to be done on a router in one of its sessions.</summary>
/// <param name="Kind">One of <see cref="TaskKinds"/>.</param>
/// <param name="Argument">The host of a ping or traceroute; empty otherwise.</param>
/// <param name="State">One of <see cref="TaskStates"/>.</param>
/// <param name="Attempts">Sessions in which it was begun.</param>
/// <param name="Box">What came out, encrypted under the tenant's key; null while there is nothing.</param>
internal sealed record RouterTask(
    string Id, string TenantPath, string DeviceId, string Kind, string Argument, string State, long FaultCode, string FaultText, string MadeBy, long MadeAt, long ExpiresAt, long EndedAt, long Attempts, byte[]? Box)
{
    public const string Columns = "id, tenant_path, device_id, kind, argument, state, fault_code, fault_text, made_by, made_at, expires_at, ended_at, attempts, box";

    public bool IsOpen => State is TaskStates.Queued or TaskStates.Sent or TaskStates.Ready;
}

/// <summary>What can be done.</summary>
internal static class TaskKinds
{
    /// <summary>Read every name and value; the values become the site's settings. Writes nothing.</summary>
    public const string Adopt = "adopt";

    /// <summary>Read what the helpdesk looks at. Writes nothing.</summary>
    public const string Refresh = "refresh";

    public const string Reboot = "reboot";
    public const string Ping = "ping";
    public const string Trace = "trace";
}

/// <summary>How far a task is.</summary>
internal static class TaskStates
{
    /// <summary>It waits for a session.</summary>
    public const string Queued = "queued";

    /// <summary>Its effect was asked for, once; the router's word that it happened is awaited. It is never sent twice.</summary>
    public const string Sent = "sent";

    /// <summary>The router said that a test is over; its figures are to be read.</summary>
    public const string Ready = "ready";

    public const string Done = "done";
    public const string Fault = "fault";
    public const string Expired = "expired";
}
