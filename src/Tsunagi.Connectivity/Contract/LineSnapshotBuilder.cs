namespace Tsunagi.Connectivity.Contract;

/// <summary>Gathers what a <see cref="LineSnapshot"/> is made of. Used by one thread; may be built from an older snapshot to change a few lines.</summary>
public sealed class LineSnapshotBuilder
{
    public LineSnapshotBuilder()
    {
    }

    /// <summary>Starts with everything an older snapshot held.</summary>
    public LineSnapshotBuilder(LineSnapshot from)
    {
        Version = from.Version;
        TakenAt = from.TakenAt;
        Realms = from.Realms;
        Nases.AddRange(from.Nases);
        foreach (var line in from.Lines)
        {
            TryAdd(line);
        }
    }

    public long Version { get; set; }

    /// <summary>µs since 1970.</summary>
    public long TakenAt { get; set; }

    public RealmRules Realms { get; set; } = RealmRules.None;

    internal Dictionary<string, Line> ByUserName { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, Line> ById { get; } = new(StringComparer.Ordinal);

    internal Dictionary<(string Circuit, string Remote), Line> ByCircuit { get; } = [];

    internal List<Nas> Nases { get; } = [];

    /// <summary>False, and nothing is added, when another line has the same id, user name or circuit.</summary>
    public bool TryAdd(Line line)
    {
        var circuit = (line.CircuitId ?? "", line.RemoteId ?? "");
        var hasCircuit = circuit != ("", "");
        if (ById.ContainsKey(line.LineId) || (line.UserName.Length > 0 && ByUserName.ContainsKey(line.UserName)) || (hasCircuit && ByCircuit.ContainsKey(circuit)))
        {
            return false;
        }

        ById.Add(line.LineId, line);
        if (line.UserName.Length > 0)
        {
            ByUserName.Add(line.UserName, line);
        }

        if (hasCircuit)
        {
            ByCircuit.Add(circuit, line);
        }

        return true;
    }

    public bool Remove(string lineId)
    {
        if (!ById.Remove(lineId, out var line))
        {
            return false;
        }

        if (line.UserName.Length > 0)
        {
            ByUserName.Remove(line.UserName);
        }

        ByCircuit.Remove((line.CircuitId ?? "", line.RemoteId ?? ""));
        return true;
    }

    /// <summary>Adds a NAS, in place of one with the same id.</summary>
    public void Set(Nas nas)
    {
        RemoveNas(nas.NasId);
        Nases.Add(nas);
    }

    public bool RemoveNas(string nasId) => Nases.RemoveAll(nas => nas.NasId == nasId) > 0;

    public LineSnapshot Build() => new(this);
}
