using System.Net;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Radius;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>Who may relay: the access servers (NAS), and networks of the configuration. Thread-safe; one that is neither is noted.</summary>
internal sealed class KnownRelays(IReadOnlyList<string> networks, string setting, DhcpNotes notes, string unknownRelay)
{
    private readonly IPNetwork[] _networks = [.. networks.Select(text => IPNetwork.TryParse(text, out var network) ? network : throw new InvalidOperationException($"{setting}: \"{text}\" is no network"))];
    private volatile Known? _last;

    public bool Has(RadiusSource source, LineSnapshot snapshot)
    {
        if (_last is { } last && last.Source == source.Address && ReferenceEquals(last.Snapshot, snapshot))
        {
            return true;
        }

        var address = source.ToAddress();
        var isRelay = snapshot.NasBySource(address) is not null || Array.Exists(_networks, network => network.Contains(address));
        if (isRelay)
        {
            _last = new Known(snapshot, source.Address);
        }
        else
        {
            notes.Note(unknownRelay, address.ToString(), null, new() { ["address"] = address.ToString() }, isStranger: true);
        }

        return isRelay;
    }

    /// <summary>Who sent last, as of a snapshot.</summary>
    private sealed record Known(LineSnapshot Snapshot, UInt128 Source);
}
