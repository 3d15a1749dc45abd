using System.Runtime.InteropServices;

namespace Tsunagi.Core.Logs;

/// <summary>What is known about bytes of a log that hold no valid record.</summary>
public enum LossKind
{
    /// <summary>The end of a log with nothing valid behind it: what was being written when the power went, never acknowledged. Cut off at the start.</summary>
    TornTail,

    /// <summary>Bad bytes inside the last batch: written before a power loss without an acknowledgement, or acknowledged and damaged since.</summary>
    LastBatch,

    /// <summary>Bad bytes in front of a later batch: this had been synced, perhaps acknowledged, and the disk lost it.</summary>
    Certain,
}

/// <summary>Bytes of a log that were skipped because they hold no valid record.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LogLoss(LogPosition Position, long Bytes, LossKind Kind);
