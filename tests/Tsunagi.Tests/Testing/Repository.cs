namespace Tsunagi.Tests.Testing;

/// <summary>Where the sources are: the directory that holds <c>Tsunagi.slnx</c>, upwards from the test program.</summary>
public static class Repository
{
    /// <summary>The root of the work tree.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Tsunagi.slnx")))
                return directory.FullName;
        throw new InvalidOperationException($"looking for the repository above {AppContext.BaseDirectory}: no Tsunagi.slnx");
    }
}
