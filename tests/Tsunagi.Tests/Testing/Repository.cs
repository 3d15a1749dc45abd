namespace Tsunagi.Tests.Testing;

/// <summary>Where the source tree lies, for tests that read it.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The files git tracks or would track, relative to the root.</summary>
    public static IEnumerable<string> SourceFiles(string pattern) =>
        new[] { "protocols", "src", "tests", "proofs", "bench" }
            .Select(static folder => Path.Combine(Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}node_modules{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(static path => Path.GetRelativePath(Root, path));

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Tsunagi.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("the tests must run from inside the source tree");
    }
}
