namespace Tsunagi.Core.Logs;

/// <summary>An item that lives in the spool: accepted and not yet removed.</summary>
/// <param name="AcceptedMicros">When it was accepted, µs UTC.</param>
/// <param name="Facts">What was given with the accept.</param>
/// <param name="Note">The state given last, or null.</param>
public sealed record SpoolItem(SpoolId Id, long AcceptedMicros, ReadOnlyMemory<byte> Facts, ReadOnlyMemory<byte>? Note, long BodyLength);
