namespace Tsunagi.Routers.Simulate;

/// <summary>A change that was pushed to a simulated box, until the server has heard what became of it.</summary>
internal sealed class SimulatedChange(long transaction, IReadOnlyDictionary<long, byte[]> wanted)
{
    public long Transaction => transaction;

    public IReadOnlyDictionary<long, byte[]> Wanted => wanted;

    public IReadOnlyDictionary<long, byte[]> Formerly { get; set; } = new Dictionary<long, byte[]>();

    /// <summary>It runs what it ran before.</summary>
    public bool IsUndone { get; set; }

    /// <summary>There is no way back while it runs the change.</summary>
    public bool IsCut { get; set; }

    /// <summary>There is no way back at all.</summary>
    public bool IsLost { get; set; }
}

/// <summary>How a tunnel ended.</summary>
internal enum ArmsTunnelEnd
{
    /// <summary>The line, or the server.</summary>
    Lost,

    /// <summary>The box is to pull.</summary>
    Pull,

    /// <summary>The box took a change and leaves to run it.</summary>
    Change,

    /// <summary>The server does not want what the box runs.</summary>
    Undo,
}
