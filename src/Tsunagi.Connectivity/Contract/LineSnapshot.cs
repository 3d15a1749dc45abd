using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Connectivity.Contract;

/// <summary>
/// Everything a node needs to authenticate, as of one moment: lines, NASes, realms. Immutable: a new one replaces it whole (<see cref="LineSnapshotHolder"/>),
/// so a request sees one state from its first look to its last. Reads take no lock and allocate nothing.
/// </summary>
public sealed class LineSnapshot
{
    public static readonly LineSnapshot Empty = new(new LineSnapshotBuilder());

    private const int LongestName = 253;

    private readonly Dictionary<string, Line> _byUserName;
    private readonly Dictionary<string, Line> _byId;
    private readonly Dictionary<(string Circuit, string Remote), Line> _byCircuit;
    private readonly Dictionary<UInt128, Nas> _nasByAddress;
    private readonly Dictionary<string, Nas> _nasById;
    private readonly Dictionary<string, Nas> _nasByCertificate;
    private readonly (IPNetwork Network, Nas Nas)[] _nasNetworks;

    internal LineSnapshot(LineSnapshotBuilder builder)
    {
        Version = builder.Version;
        TakenAt = builder.TakenAt;
        Realms = builder.Realms;
        _byUserName = new(builder.ByUserName, StringComparer.Ordinal);
        _byId = new(builder.ById, StringComparer.Ordinal);
        _byCircuit = new(builder.ByCircuit);
        _nasById = builder.Nases.ToDictionary(static nas => nas.NasId, StringComparer.Ordinal);
        _nasByCertificate = new(StringComparer.OrdinalIgnoreCase);
        foreach (var nas in builder.Nases.Where(static nas => nas.Certificate is not null))
        {
            _nasByCertificate[nas.Certificate!] = nas;
        }

        _nasByAddress = [];
        var networks = new List<(IPNetwork Network, Nas Nas)>();
        foreach (var (nas, source) in builder.Nases.SelectMany(static nas => nas.Sources.Select(source => (nas, source))))
        {
            if (source.PrefixLength == (source.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128))
            {
                _nasByAddress[KeyOf(source.BaseAddress)] = nas;
            }
            else
            {
                networks.Add((source, nas));
            }
        }

        _nasNetworks = [.. networks.OrderByDescending(static each => each.Network.PrefixLength).ThenBy(static each => each.Nas.NasId, StringComparer.Ordinal)];
    }

    /// <summary>Grows with each change of the store; 0 for <see cref="Empty"/>.</summary>
    public long Version { get; }

    /// <summary>When the store was read, µs since 1970.</summary>
    public long TakenAt { get; }

    public RealmRules Realms { get; }

    public IReadOnlyCollection<Line> Lines => _byId.Values;

    public IReadOnlyCollection<Nas> Nases => _nasById.Values;

    /// <summary>The line of a User-Name as the NAS sent it, by <see cref="RealmRules"/>; null when there is none.</summary>
    public Line? ByUserName(ReadOnlySpan<char> userName)
    {
        if (userName.IsEmpty || userName.Length > LongestName)
        {
            return null;
        }

        var names = _byUserName.GetAlternateLookup<ReadOnlySpan<char>>();
        if (names.TryGetValue(userName, out var line))
        {
            return line;
        }

        var at = userName.LastIndexOf('@');
        if (at > 0)
        {
            return Realms.IsStripped(userName[(at + 1)..]) && names.TryGetValue(userName[..at], out line) ? line : null;
        }

        if (Realms.Default is not { Length: > 0 } realm || userName.Length + 1 + realm.Length > LongestName)
        {
            return null;
        }

        Span<char> whole = stackalloc char[LongestName];
        userName.CopyTo(whole);
        whole[userName.Length] = '@';
        realm.CopyTo(whole[(userName.Length + 1)..]);
        return names.TryGetValue(whole[..(userName.Length + 1 + realm.Length)], out line) ? line : null;
    }

    /// <summary>The line of a circuit: both ids as the line states them; a line that states only one is found whatever the other is.</summary>
    public Line? ByCircuit(string? circuitId, string? remoteId)
    {
        var circuit = circuitId ?? "";
        var remote = remoteId ?? "";
        if (circuit.Length == 0 && remote.Length == 0)
        {
            return null;
        }

        return _byCircuit.TryGetValue((circuit, remote), out var line)
            || (circuit.Length > 0 && _byCircuit.TryGetValue((circuit, ""), out line))
            || (remote.Length > 0 && _byCircuit.TryGetValue(("", remote), out line))
            ? line
            : null;
    }

    public Line? ById(string lineId) => _byId.GetValueOrDefault(lineId);

    public Nas? NasById(string nasId) => _nasById.GetValueOrDefault(nasId);

    /// <summary>The NAS whose certificate has this fingerprint or name (<see cref="Nas.Certificate"/>).</summary>
    public Nas? NasByCertificate(string known) => _nasByCertificate.GetValueOrDefault(known);

    /// <summary>The NAS that sends from an address: the single address first, then the longest network. IPv4 in IPv6 form is the IPv4 address.</summary>
    public Nas? NasBySource(IPAddress source)
    {
        if (source.IsIPv4MappedToIPv6)
        {
            source = source.MapToIPv4();
        }

        if (_nasByAddress.TryGetValue(KeyOf(source), out var nas))
        {
            return nas;
        }

        foreach (var (network, owner) in _nasNetworks)
        {
            if (network.Contains(source))
            {
                return owner;
            }
        }

        return null;
    }

    /// <summary>An IPv4 address as its mapped IPv6 address.</summary>
    private static UInt128 KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        (address.AddressFamily == AddressFamily.InterNetwork ? address.MapToIPv6() : address).TryWriteBytes(bytes, out _);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
