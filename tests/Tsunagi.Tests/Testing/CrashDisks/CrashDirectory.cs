namespace Tsunagi.Tests.Testing.CrashDisks;

/// <summary>The names in one directory: as programs see them, as they are on the disk, and the steps between that are still pending.</summary>
internal sealed class CrashDirectory
{
    private readonly List<Step> _pending = [];
    private Dictionary<string, CrashFile> _durable = new(StringComparer.Ordinal);
    private HashSet<string> _durableDirectories = new(StringComparer.Ordinal);

    public Dictionary<string, CrashFile> Files { get; private set; } = new(StringComparer.Ordinal);

    public HashSet<string> Directories { get; private set; } = new(StringComparer.Ordinal);

    public void Add(string name, CrashFile file) => Take(new Step((files, _) => files[name] = file));

    public void AddDirectory(string name) => Take(new Step((_, directories) => directories.Add(name)));

    public void Remove(string name) => Take(new Step((files, _) => files.Remove(name)));

    public void Rename(string from, string to) => Take(new Step((files, _) =>
    {
        if (files.Remove(from, out var file))
        {
            files[to] = file;
        }
    }));

    public void Sync()
    {
        Apply(_pending, _durable, _durableDirectories);
        _pending.Clear();
    }

    /// <summary>Any subset of the pending steps is kept, in their order.</summary>
    public void LosePower(Random random, double kept)
    {
        Apply(_pending.Where(_ => random.NextDouble() < kept), _durable, _durableDirectories);
        _pending.Clear();
        Files = new Dictionary<string, CrashFile>(_durable, StringComparer.Ordinal);
        Directories = new HashSet<string>(_durableDirectories, StringComparer.Ordinal);
    }

    private void Take(Step step)
    {
        step.Apply(Files, Directories);
        _pending.Add(step);
    }

    private static void Apply(IEnumerable<Step> steps, Dictionary<string, CrashFile> files, HashSet<string> directories)
    {
        foreach (var step in steps)
        {
            step.Apply(files, directories);
        }
    }

    private sealed record Step(Action<Dictionary<string, CrashFile>, HashSet<string>> Apply);
}
