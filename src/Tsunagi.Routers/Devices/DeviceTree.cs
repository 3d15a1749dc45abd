using System.IO.Compression;
using System.Text.Json;
using Tsunagi.Protocols.Cpe.DataModel;

namespace Tsunagi.Routers.Devices;

/// <summary>Everything a router told of itself: paths in order, with values, types and when each was read. Immutable.</summary>
internal sealed class DeviceTree
{
    public static readonly DeviceTree Empty = new([]);

    private readonly Dictionary<string, TreeEntry> _byPath;

    public DeviceTree(IReadOnlyList<TreeEntry> entries)
    {
        Entries = [.. entries.OrderBy(static entry => entry.Path, StringComparer.Ordinal)];
        _byPath = Entries.ToDictionary(static entry => entry.Path, StringComparer.Ordinal);
        Root = Entries.Count == 0 ? DataModelRoot.Unknown : Entries.Select(static entry => ParameterNames.RootOf(entry.Path)).FirstOrDefault(static root => root != DataModelRoot.Unknown);
    }

    public IReadOnlyList<TreeEntry> Entries { get; }

    public DataModelRoot Root { get; }

    public TreeEntry? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>The entries a name of the one set stands for on this router.</summary>
    public IReadOnlyList<TreeEntry> Named(string name) => [.. ParameterNames.Resolve(Root, name, _byPath.Keys).Order(StringComparer.Ordinal).Select(path => _byPath[path])];

    /// <summary>The first value of a name that is not empty; null when there is none.</summary>
    public string? First(string name) => Named(name).FirstOrDefault(static entry => entry.Value.Length > 0)?.Value;

    /// <summary>With newer values; those below <paramref name="replaced"/> that are not among them are gone.</summary>
    public DeviceTree With(IReadOnlyList<TreeEntry> newer, IReadOnlyList<string> replaced)
    {
        var merged = _byPath.Where(pair => !replaced.Any(path => pair.Key.StartsWith(path, StringComparison.Ordinal))).ToDictionary(StringComparer.Ordinal);
        foreach (var entry in newer)
        {
            merged[entry.Path] = entry;
        }

        return new DeviceTree([.. merged.Values]);
    }

    public byte[] Write()
    {
        using var written = new MemoryStream();
        using (var squeezed = new BrotliStream(written, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(squeezed, Entries.Select(static e => new object[] { e.Path, e.Value, e.Type, e.Writable, e.At }));
        }

        return written.ToArray();
    }

    public static DeviceTree Read(ReadOnlyMemory<byte> written)
    {
        using var source = new MemoryStream(written.ToArray());
        using var loosened = new BrotliStream(source, CompressionMode.Decompress);
        using var document = JsonDocument.Parse(loosened);
        return new DeviceTree([.. document.RootElement.EnumerateArray().Select(static e => new TreeEntry(e[0].GetString()!, e[1].GetString()!, e[2].GetString()!, e[3].GetBoolean(), e[4].GetInt64()))]);
    }
}

/// <summary>One parameter.</summary>
/// <param name="Type">As in CWMP; empty when the router told none.</param>
/// <param name="At">When it was read, µs UTC.</param>
internal sealed record TreeEntry(string Path, string Value, string Type, bool Writable, long At)
{
    public bool IsSecret => ParameterKinds.IsSecret(Path);
}
