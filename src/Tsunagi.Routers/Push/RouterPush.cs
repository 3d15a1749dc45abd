namespace Tsunagi.Routers.Push;

/// <summary>A change that is brought to sites' boxes ring by ring.</summary>
/// <param name="State">One of <see cref="PushStates"/>.</param>
/// <param name="Rings">Boxes of each ring, in order: "1,3,26".</param>
/// <param name="Ring">The ring that is open, from 0; -1 before it was started.</param>
/// <param name="RingAt">Since when it is open.</param>
/// <param name="Budget">How many of a hundred boxes of a ring may end otherwise than confirmed.</param>
/// <param name="Cause">Why it stopped.</param>
public sealed record RouterPush(
    string Id, string TenantPath, string State, string Why, string Rings, long Ring, long RingAt, long Budget, long Boxes, string MadeBy, long MadeAt, long StartedAt, long EndedAt, string Cause)
{
    public const string Columns = "id, tenant_path, state, why, rings, ring, ring_at, budget, boxes, made_by, made_at, started_at, ended_at, cause";
    public const string Values = "@Id, @TenantPath, @State, @Why, @Rings, @Ring, @RingAt, @Budget, @Boxes, @MadeBy, @MadeAt, @StartedAt, @EndedAt, @Cause";

    public IReadOnlyList<int> RingSizes => [.. Rings.Split(',').Select(static size => int.Parse(size, System.Globalization.CultureInfo.InvariantCulture))];
}

/// <summary>What becomes of one site's box in a push. It ends once, in one of three ways, or was never begun.</summary>
/// <param name="Number">The version it is to run.</param>
/// <param name="Formerly">The version it ran when the push was planned; 0 for none.</param>
/// <param name="State">One of <see cref="PushBoxStates"/>.</param>
/// <param name="TransactionId">What the box calls the change; 0 before it said so.</param>
/// <param name="AskedAt">When it was asked last.</param>
/// <param name="EndedAt">When its outcome was known; 0 before.</param>
/// <param name="Cause">In the box's words, or ours.</param>
public sealed record PushBox(
    string Id, string TenantPath, string PushId, string SiteId, string SiteName, string DeviceId, string Identity, long Ring, long Number, long Formerly, string State, long TransactionId, long AskedAt, long EndedAt,
    long Attempts, string Cause)
{
    public const string Columns = "id, tenant_path, push_id, site_id, site_name, device_id, identity, ring, number, formerly, state, transaction_id, asked_at, ended_at, attempts, cause";
    public const string Values = "@Id, @TenantPath, @PushId, @SiteId, @SiteName, @DeviceId, @Identity, @Ring, @Number, @Formerly, @State, @TransactionId, @AskedAt, @EndedAt, @Attempts, @Cause";
}

/// <summary>How far a push is.</summary>
internal static class PushStates
{
    /// <summary>Made, and nothing is sent yet.</summary>
    public const string Planned = "planned";

    public const string Running = "running";

    /// <summary>Each box has its outcome.</summary>
    public const string Done = "done";

    /// <summary>By a person, or by its error budget: no further box is begun.</summary>
    public const string Stopped = "stopped";

    /// <summary>Given up before it was started.</summary>
    public const string Discarded = "discarded";
}

/// <summary>How far one box is.</summary>
internal static class PushBoxStates
{
    /// <summary>Its ring, or its tunnel, is not there yet.</summary>
    public const string Waiting = "waiting";

    /// <summary>It was asked, or is being asked; its word is not there.</summary>
    public const string Asked = "asked";

    /// <summary>It took the change and runs it; it has to come back and say so.</summary>
    public const string Accepted = "accepted";

    /// <summary>It came back over the new configuration and was told that it may keep it.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>It says, or its pull shows, that it runs what it ran before.</summary>
    public const string RolledBack = "rolled-back";

    /// <summary>It did not come back in time: what it runs is not known. A later word corrects this.</summary>
    public const string Silent = "silent";

    /// <summary>Never begun: the push stopped before.</summary>
    public const string Skipped = "skipped";

    /// <summary>Never begun: the push was given up before it was started.</summary>
    public const string Dropped = "dropped";

    public static bool IsOpen(string state) => state is Waiting or Asked or Accepted;
}
