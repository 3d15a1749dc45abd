using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Radius;

/// <summary>The dictionary files of the shared data, read once; the test is skipped where they are absent.</summary>
internal static class SharedDictionary
{
    private static readonly Lazy<(RadiusDictionary Dictionary, IReadOnlyList<RadiusDictionaryProblem> Problems)?> _all = new(static () => Read("dictionary"));

    public static RadiusDictionary All
    {
        get
        {
            Assert.SkipWhen(_all.Value is null, "connectivity/dict is not there");
            return _all.Value.Value.Dictionary;
        }
    }

    public static (RadiusDictionary Dictionary, IReadOnlyList<RadiusDictionaryProblem> Problems)? Read(string name)
    {
        if (SharedFiles.Find("data/connectivity/dict/" + name) is not { } path)
        {
            return null;
        }

        var reader = new RadiusDictionaryReader();
        reader.Add(path, File.ReadAllText(path), Include);
        RadiusDictionary dictionary = reader.Build();
        return (dictionary, reader.Problems);
    }

    private static (string File, string Text)? Include(string from, string name)
    {
        string path = Path.Combine(Path.GetDirectoryName(from)!, name);
        return File.Exists(path) ? (path, File.ReadAllText(path)) : null;
    }
}
