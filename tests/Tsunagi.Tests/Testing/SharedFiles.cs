namespace Tsunagi.Tests.Testing;

/// <summary>
/// Published test suites that do not ship with the project: found in the directory of TSUNAGI_SHARED, else in <c>../shared</c> beside
/// the repository. Tests that use them are skipped with a reason where they are absent.
/// </summary>
public static class SharedFiles
{
    /// <summary>The full path of a file, or null when it is not there.</summary>
    public static string? Find(string relative)
    {
        string root = Environment.GetEnvironmentVariable("TSUNAGI_SHARED") ?? Path.Combine(Repository.Root, "..", "shared");
        string path = Path.GetFullPath(Path.Combine(root, relative));
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }
}
