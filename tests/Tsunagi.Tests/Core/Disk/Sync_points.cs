using System.Reflection;
using System.Text.RegularExpressions;
using Tsunagi.Core.Disk;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Disk;

/// <summary>That ignoring one sync point ignores exactly one fsync call rests on this.</summary>
public sealed partial class Sync_points
{
    private static readonly string[] Sources =
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith("SyncPoints.cs", StringComparison.Ordinal)).Select(File.ReadAllText)];

    [Fact]
    public void Each_is_used_by_exactly_one_call()
    {
        var used = Sources.SelectMany(source => Use().Matches(source)).Select(match => match.Groups[1].Value).ToLookup(name => name);
        var declared = typeof(SyncPoints).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.FieldType == typeof(SyncPoint)).ToArray();
        Assert.All(declared, field => Assert.Single(used[field.Name]));
        Assert.Equal(declared.Select(field => (SyncPoint)field.GetValue(null)!).ToHashSet(), SyncPoints.All.ToHashSet());
    }

    [Fact]
    public void Every_sync_call_names_one()
    {
        var calls = Sources.SelectMany(source => Call().Matches(source)).Select(match => match.Value).ToArray();
        Assert.Equal(SyncPoints.All.Count, calls.Length);
        Assert.All(calls, call => Assert.Contains("SyncPoints.", call, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\bSyncPoints\.(\w+)\)")]
    private static partial Regex Use();

    [GeneratedRegex(@"\.(SyncData|Sync|SyncDirectory)\([^)]*\)(?=;)")]
    private static partial Regex Call();
}
