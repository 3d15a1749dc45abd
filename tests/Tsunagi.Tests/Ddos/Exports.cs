using Tsunagi.Ddos.Try;

namespace Tsunagi.Tests.Ddos;

/// <summary>Datagrams of an exporter of the tests' own.</summary>
internal static class Exports
{
    /// <summary>NetFlow v5: so many flows from 198.51.100.x port 53 by UDP to 192.0.2.1.</summary>
    /// <param name="sampling">1 of how many; 0 says nothing.</param>
    public static byte[] NetFlow5(int records, uint sequence = 0, uint packets = 10, uint octetsEach = 500, ushort sampling = 0, string destination = "192.0.2.1", byte protocol = 17, byte flags = 0, ushort sourcePort = 53, long? unixSeconds = null) =>
        NetFlow5(
            sequence,
            [.. Enumerable.Range(0, records).Select(i => new TrialFlow(
                $"198.51.100.{i % 256}", destination, protocol, sourcePort, (ushort)(1024 + i), packets, packets * octetsEach) { Flags = flags })],
            sampling, unixSeconds);

    /// <summary>NetFlow v5 of any flows; at most 30.</summary>
    public static byte[] NetFlow5(uint sequence, IReadOnlyList<TrialFlow> flows, ushort sampling = 0, long? unixSeconds = null) =>
        NetFlow5Datagram.Write(sequence, flows, unixSeconds ?? 1_782_864_000, sampling);
}
