using System.Reflection;

namespace Tsunagi.Tests.Testing.Fuzz;

/// <summary>Every fuzz target of this assembly that is no nested type, by name.</summary>
public static class FuzzTargets
{
    /// <summary>In ordinal order of their names.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. TypesOf(typeof(FuzzTargets).Assembly)
            .Where(type => type.IsSubclassOf(typeof(FuzzTarget)) && type is { IsAbstract: false, IsNested: false })
            .Select(type => (FuzzTarget)Activator.CreateInstance(type, nonPublic: true)!)
            .OrderBy(target => target.Name, StringComparer.Ordinal),
    ];

    // Beside an instrumented library a class of the tests that stands for one of the program's, which knows the library as it was built, can not be loaded. It is no target.
    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException some)
        {
            return some.Types.OfType<Type>();
        }
    }

    /// <summary>The target of a name; null when there is none.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
