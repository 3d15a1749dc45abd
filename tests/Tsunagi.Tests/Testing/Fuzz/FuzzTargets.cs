namespace Tsunagi.Tests.Testing.Fuzz;

/// <summary>Every fuzz target of this assembly that is no nested type, by name.</summary>
public static class FuzzTargets
{
    /// <summary>In ordinal order of their names.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. typeof(FuzzTargets).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(FuzzTarget)) && type is { IsAbstract: false, IsNested: false })
            .Select(type => (FuzzTarget)Activator.CreateInstance(type, nonPublic: true)!)
            .OrderBy(target => target.Name, StringComparer.Ordinal),
    ];

    /// <summary>The target of a name; null when there is none.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
