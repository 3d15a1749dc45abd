namespace Tsunagi.Ddos.Try;

/// <summary>A flow that a made exporter tells of.</summary>
/// <param name="Source">Dotted.</param>
/// <param name="Destination">Dotted.</param>
internal sealed record TrialFlow(string Source, string Destination, byte Protocol, ushort SourcePort, ushort DestinationPort, uint Packets, uint Octets)
{
    public byte Flags { get; init; }

    /// <summary>Milliseconds from its first packet to its last.</summary>
    public uint Lasted { get; init; }
}
