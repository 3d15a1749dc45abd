using Tsunagi.Core.Ids;

namespace Tsunagi.Core.Nodes;

/// <summary>This process among many: its lasting name, its data directory, and the id of this run of it.</summary>
/// <param name="Name">Lasting, unique among the nodes of one provider; kept in the data directory.</param>
/// <param name="Boot">b_…, new at every start.</param>
public sealed record Node(string Name, string Boot, string DataDirectory)
{
    /// <summary>Reads the node's name from its data directory, or gives it one at first start.</summary>
    public static Node Open(string dataDirectory, string? name, TimeProvider time)
    {
        Directory.CreateDirectory(dataDirectory);
        var file = Path.Combine(dataDirectory, "node");
        var known = File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        var chosen = known ?? name ?? Id.New("n", time);
        if (known is null)
        {
            File.WriteAllText(file, chosen + "\n");
        }

        return new Node(chosen, Id.New("b", time), dataDirectory);
    }
}
