namespace Tsunagi.Tests.Testing;

/// <summary>
/// Golden cases: <c>golden/NAME.in</c> beside the tests holds the input, <c>golden/NAME.out</c> what came out when a person last read it.
/// TSUNAGI_GOLDEN_ACCEPT=1 rewrites the outputs; the diff is then what the reviewer reads.
/// </summary>
public static class Golden
{
    /// <summary>True when outputs are rewritten instead of compared.</summary>
    public static bool Accepts => Environment.GetEnvironmentVariable("TSUNAGI_GOLDEN_ACCEPT") == "1";

    /// <summary>The names of all cases of a folder such as <c>Protocols/Mail/Smtp</c> that begin with <paramref name="prefix"/>.</summary>
    public static TheoryData<string> Cases(string folder, string prefix = "")
    {
        IEnumerable<string> names = Directory.EnumerateFiles(Folder(folder), prefix + "*.in")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal);
        return new TheoryData<string>(names);
    }

    /// <summary>Runs one case and compares octet by octet.</summary>
    public static void Check(string folder, string name, Func<byte[], byte[]> run)
    {
        byte[] actual = run(File.ReadAllBytes(Path.Combine(Folder(folder), name + ".in")));
        Compare(Path.Combine(Folder(folder), name + ".out"), actual);
    }

    /// <summary>Compares what has no input file: an API listing, a written message.</summary>
    public static void Compare(string path, byte[] actual)
    {
        if (Accepts)
        {
            File.WriteAllBytes(path, actual);
            return;
        }
        Assert.True(File.Exists(path), $"{path} is missing: run with TSUNAGI_GOLDEN_ACCEPT=1, then read it");
        byte[] expected = File.ReadAllBytes(path);
        if (!expected.AsSpan().SequenceEqual(actual))
        {
            Assert.Fail($"{Path.GetRelativePath(Repository.Root, path)} differs (TSUNAGI_GOLDEN_ACCEPT=1 accepts it):\n{FirstDifference(expected, actual)}");
        }
    }

    private static string Folder(string folder) => Path.Combine(Repository.Root, "tests", "Tsunagi.Tests", folder, "golden");

    private static string FirstDifference(byte[] expected, byte[] actual)
    {
        string[] before = Octets.Show(expected).Split('\n');
        string[] after = Octets.Show(actual).Split('\n');
        int line = 0;
        while (line < before.Length && line < after.Length && before[line] == after[line])
        {
            line++;
        }

        return $"line {line + 1}\n- {before.ElementAtOrDefault(line)}\n+ {after.ElementAtOrDefault(line)}";
    }
}
