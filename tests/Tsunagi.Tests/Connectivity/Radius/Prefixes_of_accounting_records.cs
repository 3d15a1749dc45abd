using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Tests.Connectivity.Radius;

public sealed class Prefixes_of_accounting_records
{
    private static readonly TimeSpan Interim = TimeSpan.FromMinutes(10);
    private static readonly Nas Server = new() { NasId = "na_1", Name = "one", Sources = [], Secret = new byte[] { 1 } };

    [Theory]
    [InlineData(3)]
    [InlineData(RecordPrefixes.Most)]
    public void As_many_as_fit_are_kept_and_one_more_begins_anew(int most)
    {
        var prefixes = new RecordPrefixes(Interim, most);
        var lines = Enumerable.Range(0, most + 1).Select(static number => new Line { LineId = $"ln_{number}", TenantId = "t", TenantPath = "/t/" }).ToArray();
        var first = prefixes.Of(Server, lines[0]);
        for (var number = 1; number < most; number++)
        {
            prefixes.Of(Server, lines[number]);
        }

        Assert.Same(first, prefixes.Of(Server, lines[0]));

        var beyond = prefixes.Of(Server, lines[most]);
        Assert.NotSame(first, prefixes.Of(Server, lines[0]));
        Assert.Equal(first, prefixes.Of(Server, lines[0]));
        Assert.Same(beyond, prefixes.Of(Server, lines[most]));
    }

    [Fact]
    public void A_line_and_none_and_a_changed_line_have_their_own()
    {
        var prefixes = new RecordPrefixes(Interim);
        var line = new Line { LineId = "ln_1", TenantId = "t", TenantPath = "/t/" };
        Assert.Same(prefixes.Of(Server, null), prefixes.Of(Server, null));
        Assert.NotEqual(prefixes.Of(Server, null), prefixes.Of(Server, line));
        Assert.NotSame(prefixes.Of(Server, line), prefixes.Of(Server, line with { TenantPath = "/t/u/" }));
    }
}
