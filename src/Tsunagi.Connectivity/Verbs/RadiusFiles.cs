using System.Net;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>One UDP payload of a file.</summary>
/// <param name="From">Who sent it; null for a file that is one packet.</param>
internal sealed record RadiusDatagram(long Milliseconds, IPEndPoint? From, IPEndPoint? To, byte[] Octets);

/// <summary>The RADIUS packets of files: UDP payloads of a capture to or from the ports of RADIUS, or a file that is one packet, as octets or in hexadecimal.</summary>
internal static class RadiusFiles
{
    private static readonly HashSet<int> Ports = [1645, 1646, 1700, 1812, 1813, 3799];

    /// <param name="anyPort">Payloads of all ports, not only those of RADIUS.</param>
    /// <param name="notes">Sentences about what was left out.</param>
    /// <param name="isBroken">The file could not be read to its end.</param>
    /// <exception cref="WrongInputException">There is no such file, or it cannot be read.</exception>
    public static IReadOnlyList<RadiusDatagram> Read(VerbContext context, string name, bool anyPort, out IReadOnlyList<string> notes, out bool isBroken)
    {
        using var file = new CaptureFile(context, name);
        var datagrams = new List<RadiusDatagram>();
        while (file.Next(record => record.Protocol == CaptureFile.Udp && (anyPort || Ports.Contains(record.SourcePort) || Ports.Contains(record.DestinationPort))) is { } message)
        {
            datagrams.Add(new RadiusDatagram(message.Milliseconds, message.From, message.To, message.Octets));
        }

        notes = [.. file.Notes()];
        isBroken = file.IsBroken;
        return datagrams;
    }
}
