using System.Net;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>What a reflector knows of a test packet besides its octets.</summary>
/// <param name="ReceivedAt">T2: nanoseconds since 1970.</param>
/// <param name="Ttl">Time to live or hop limit it came in with.</param>
/// <param name="TrafficClass">DSCP (6 bits) and ECN (2) it came in with.</param>
/// <param name="Source">Whose it is; null where it is not known.</param>
/// <param name="Destination">Where it came in; null where it is not known.</param>
public readonly record struct StampArrival(long ReceivedAt, byte Ttl, byte TrafficClass, IPEndPoint? Source, IPEndPoint? Destination);

/// <summary>What a reflector that keeps state knows of a session; all zero for one that keeps none.</summary>
/// <param name="Received">Test packets so far, this one among them.</param>
/// <param name="Reflected">Replies so far, this one not.</param>
/// <param name="Before">The reply before this one; zero where it is not known.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StampSessionState(uint Received, uint Reflected, StampFollowUp Before);

/// <summary>What a reflector says of itself.</summary>
/// <param name="Error">How good its clock is, and the format of its timestamps.</param>
/// <param name="Information">Where its timestamps come from.</param>
/// <param name="MarksReplies">True when replies are sent with the DSCP that the sender wants.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StampReflectorClock(StampErrorEstimate Error, StampTimestampInformation Information, bool MarksReplies);
