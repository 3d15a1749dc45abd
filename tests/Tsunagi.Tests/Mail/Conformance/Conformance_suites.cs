using Tsunagi.Mail.Conformance;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Conformance;

public class Conformance_suites
{
    private const string Suite = "description: x\ntests:\n  one:\n    spec: 4\n    helo: a\n    host: 192.0.2.1\n    mailfrom: a@example.com\n    result: [fail, softfail]\n  one:\n    helo: a\n    host: 192.0.2.2\n    mailfrom: a@example.com\n    result: pass\n    explanation: DEFAULT\n  two:\n    helo: a\n    host: 192.0.2.2\n    mailfrom: a@example.com\n    result: fail\nzonedata:\n  example.com:\n    - SPF: [\"v=spf1 ip4:\", \"192.0.2.2 -all\"]\n";

    [Fact]
    public async Task Tell_what_was_wanted_and_what_came()
    {
        var cases = await SpfSuite.RunAsync(Suite, CancellationToken.None);
        Assert.Equal([("one", true), ("one", true), ("two", false)], cases.Select(c => (c.Name, c.Passed)));
        Assert.Equal(("fail", "pass"), (cases[2].Wanted, cases[2].Got));
    }

    [Theory]
    [InlineData("a: [")]
    [InlineData("a: &x b\nc: *x\n")]
    [InlineData("a: !!binary {")]
    public void That_are_no_YAML_are_refused(string text) => Assert.Throws<FormatException>(() => SuiteNode.ReadAll(text));

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void Are_read_to_a_limited_depth(int depth, bool read)
    {
        string text = new string('[', depth) + new string(']', depth);
        Assert.Equal(read, Record.Exception(() => SuiteNode.ReadAll(text)) is null);
    }

    [Fact]
    public async Task Have_zones_with_aliases_time_outs_and_names_that_are_not_there()
    {
        var zone = ZoneFile.Read("zonedata:\n  a.example:\n    - CNAME: b.example.\n  b.example:\n    - A: 192.0.2.1\n    - TIMEOUT\n  loop.example:\n    - CNAME: loop.example\n  x.y.example:\n    - TXT: NONE\n");
        string Status(string name, System.Net.Sockets.AddressFamily family) => Completed.Of(zone.AddressesAsync(name, family, CancellationToken.None)).Status.ToString();
        const System.Net.Sockets.AddressFamily four = System.Net.Sockets.AddressFamily.InterNetwork, six = System.Net.Sockets.AddressFamily.InterNetworkV6;
        Assert.Equal(["Found", "TempError", "TempError", "NoData", "NameError"], [Status("A.example", four), Status("a.example", six), Status("loop.example", four), Status("y.example", four), Status("no.example", four)]);
        Assert.True((await zone.TxtAsync("x.y.example", CancellationToken.None)).IsVoid);
    }
}
