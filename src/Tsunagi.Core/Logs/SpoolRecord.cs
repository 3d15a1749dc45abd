namespace Tsunagi.Core.Logs;

/// <summary>What a consumer of the spool sees. Copies that are carried forward and the spool's own marks are not shown.</summary>
public enum SpoolRecordKind
{
    Accept = 1,
    Note = 2,
    Remove = 3,
}

/// <summary>One record of the spool.</summary>
/// <param name="Facts">The facts of the accept or the remove, or the note. The memory holds until the consumer's next read.</param>
/// <param name="BodyLength">Of an accept; 0 for the others.</param>
public readonly record struct SpoolRecord(LogPosition Position, SpoolRecordKind Kind, SpoolId Id, long TimeMicros, ReadOnlyMemory<byte> Facts, long BodyLength);
