using Tsunagi.Core.Tenants;
using Tsunagi.Ui.Live;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Qr;
using Tsunagi.Ui.Serving;

namespace Tsunagi.Tests.Ui;

public class Shared_part_logic
{
    private static readonly TenantScope Provider = new("t_a", "t_a/");
    private static readonly TenantScope Customer = new("t_b", "t_a/t_b/");

    [Fact]
    public void Diff_names_only_the_leaves_that_differ()
    {
        var changes = JsonDiff.Between("""{"a":1,"b":{"c":"x","d":[1,2]},"same":true}""", """{"b":{"c":"y","d":[1,3]},"e":null,"same":true}""");
        Assert.Equal([new("a", "1", null), new("b.c", "x", "y"), new("b.d[1]", "2", "3"), new("e", null, "null")], changes);
    }

    [Fact]
    public void Diff_of_something_that_is_no_json_shows_it_whole() => Assert.Equal([new("value", null, "not json {")], JsonDiff.Between(null, "not json {"));

    [Theory]
    [InlineData("/console/a?b=c%20d#e", "/console/a?b=c%20d#e")]
    [InlineData("/console/経路 1\n", "/console/%E7%B5%8C%E8%B7%AF%201%0A")]
    [InlineData("/\ud83d\ude00", "/%F0%9F%98%80")]
    public void Path_in_a_header_is_ascii(string path, string header) => Assert.Equal(header, AsciiPath.Of(path));

    [Fact]
    public async Task Live_message_reaches_only_scopes_that_cover_its_tenant()
    {
        var hub = new LiveHub();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var above = hub.ReadAsync(Provider, new HashSet<string> { "events" }, null, stop.Token).GetAsyncEnumerator(stop.Token);
        await using var beside = hub.ReadAsync(new TenantScope("t_c", "t_a/t_c/"), new HashSet<string> { "events" }, null, stop.Token).GetAsyncEnumerator(stop.Token);
        var (seen, hidden) = (above.MoveNextAsync().AsTask(), beside.MoveNextAsync().AsTask());
        hub.Publish("events", Customer.Path, "{}");
        Assert.True(await seen);
        Assert.Equal(Customer.Path, above.Current.TenantPath);
        Assert.False(hidden.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hidden);
    }

    [Fact]
    public async Task Reader_that_comes_back_gets_what_it_missed_or_is_told_to_read_again()
    {
        var hub = new LiveHub();
        for (var i = 0; i < LiveHub.Kept + 10; i++)
        {
            hub.Publish("events", Customer.Path, i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal("reset", (await FirstAsync(hub, lastId: 3)).Topic);
        var missed = await FirstAsync(hub, lastId: LiveHub.Kept + 8);
        Assert.Equal((LiveHub.Kept + 9, "events"), (missed.Id, missed.Topic));

        // A node that was started again counts from one: an id from before is above all of its own.
        Assert.Equal("reset", (await FirstAsync(new LiveHub(), lastId: 99)).Topic);
    }

    [Fact]
    public async Task Slow_reader_loses_the_oldest_and_never_holds_up_the_writer()
    {
        var hub = new LiveHub();
        var reader = hub.ReadAsync(Provider, new HashSet<string> { "events" }, null, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = reader.MoveNextAsync();
        for (var i = 0; i < LiveHub.ReaderBuffer * 3; i++)
        {
            hub.Publish("events", Provider.Path, "{}");
        }

        Assert.Equal(1, hub.Readers);
        Assert.True(await first.AsTask().WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("01234567", 21)]
    [InlineData("otpauth://totp/Tsunagi:hanako.suzuki%40hokusei.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Tsunagi", 45)]
    public void Qr_code_takes_the_smallest_version_that_holds_the_text(string text, int size)
    {
        var code = QrCode.Of(text);
        Assert.Equal(size, code.Size);
        Assert.All<(int X, int Y)>([(0, 0), (6, 0), (0, 6), (code.Size - 1, 0), (0, code.Size - 1)], corner => Assert.True(code[corner.X, corner.Y]));
    }

    [Fact]
    public void Qr_code_says_when_a_text_is_one_byte_too_long()
    {
        Assert.Equal(97, QrCode.Of(new string('x', QrCode.MostBytes)).Size);
        Assert.Throws<ArgumentException>(() => QrCode.Of(new string('x', QrCode.MostBytes + 1)));
    }

    [Fact]
    public void Every_icon_that_the_sources_name_is_in_the_list()
    {
        var named = Testing.Repository.SourceFiles("*.razor").Concat(Testing.Repository.SourceFiles("*.cs"))
            .Where(static file => file.StartsWith("src", StringComparison.Ordinal))
            .SelectMany(static file => System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(Path.Combine(Testing.Repository.Root, file)), "<Icon Name=\"([a-z0-9-]+)\"|\\bIcon=\"([a-z0-9-]+)\"")
                .Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value))
            .Distinct();
        Assert.DoesNotContain(named, static name => !Icons.Has(name));
    }

    private static async Task<LiveMessage> FirstAsync(LiveHub hub, long lastId)
    {
        await using var reader = hub.ReadAsync(Provider, new HashSet<string> { "events" }, lastId, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await reader.MoveNextAsync());
        return reader.Current;
    }
}
