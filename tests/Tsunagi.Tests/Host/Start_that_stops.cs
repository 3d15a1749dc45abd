using Tsunagi.Host.Running;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Host;

/// <summary>A start that cannot be ends with one line that says what was tried, on what, and what would be right.</summary>
public sealed class Start_that_stops
{
    public static TheoryData<string, string, string, int> Cases => new()
    {
        { "store.kind=postgres|store.connection=Nonsense=1", "", "store.connection: ", 1 },
        { "store.kind=postgres", "", "store.connection: PostgreSQL needs a connection string", 2 },
        { "console.listen=192.0.2.1:80", "", "a listener's address cannot be used", 1 },
        { "console.listen=nowhere:80", "", "is not an address and a port", 2 },
        { "data=/proc/nope", "", "making the data directory /proc/nope", 1 },
        { "roles=[\"nosuch\"]", "", "there is no module nosuch", 2 },
        { "", "keys/master.json", "the file is damaged; put it back from the backup", 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Says_why_in_one_line_and_ends(string settings, string damaged, string told, int exit)
    {
        using var directory = new TemporaryDirectory();
        var overrides = new Dictionary<string, string>
        {
            ["data"] = Path.Combine(directory.Path, "data"), ["console.listen"] = "127.0.0.1:0", ["mail.listen"] = "[\"127.0.0.1:0\"]", ["log.level"] = "error",
        };
        foreach (var pair in settings.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(static each => each.Split('=', 2)))
        {
            overrides[pair[0]] = pair[1];
        }

        if (damaged.Length > 0)
        {
            var file = Path.Combine(overrides["data"], damaged);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, "garbage", TestContext.Current.CancellationToken);
        }

        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(exit, await ServeCommand.RunAsync(null, overrides, output, error));
        Assert.Equal("", output.ToString());
        Assert.Contains(told, error.ToString(), StringComparison.Ordinal);
        Assert.Single(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
