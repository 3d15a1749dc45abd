using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Verbs;

/// <summary>Real attacks are found and called by their names, real traffic of people is not; the captures do not ship with the project.</summary>
public sealed class Detect_verb
{
    [Theory]
    [InlineData("amp.UDP.isakmp.pcap", "isakmp-reflection")]
    [InlineData("amp.UDP.snmp.src161.pcapng", "snmp-reflection")]
    [InlineData("amp.dns.RRSIG.fragmented.pcap", "dns-reflection")]
    [InlineData("pkt.TCP.synflood.spoofed.pcap", "tcp-syn-flood")]
    [InlineData("CIC-DDoS-2019-WebDDoS.pcap", "http-flood")]
    public async Task Attack_captures_are_found_and_named_and_rules_against_them_proposed(string file, string vector)
    {
        // At 1:100 so fast that each kind of attack still has its samples: the HTTP flood is told by connections, of which a capture holds one in eleven packets.
        foreach (var (rate, sampling) in ((string, int)[])[("5000", 1), ("20000", 100)])
        {
            var incidents = await DetectAsync(Shared("data/flows/attacks/" + file), "--rate", rate, "--seconds", "20", "--sampling", sampling.ToString(CultureInfo.InvariantCulture));
            var incident = Assert.Single(incidents)!;
            Assert.Equal(vector, (string)incident["vector"]!);
            Assert.Equal(sampling == 1, (double)incident["errorPercent"]! == 0);
            Assert.InRange((double)incident["openedAfterSeconds"]!, 0, sampling == 1 ? 0.6 : 4);
            var proposal = incident["proposal"]!;
            Assert.InRange(proposal["rules"]!.AsArray().Count, 1, 4);
            Assert.True((double)proposal["cover"]! >= 0.95, proposal.ToJsonString());
            Assert.True((double)proposal["collateral"]! <= 0.005, proposal.ToJsonString());
        }
    }

    [Fact]
    public async Task Captures_of_people_at_work_tell_no_attack()
    {
        var files = Directory.EnumerateFiles(Shared("data/flows/benign-ndpi"), "*.pcap*").Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            foreach (var rate in (int[])[100, 1_000, 5_000])
            {
                var incidents = await DetectAsync(file, "--rate", rate.ToString(CultureInfo.InvariantCulture), "--seconds", "4");
                Assert.True(incidents.Count == 0, $"{Path.GetFileName(file)} at {rate}/s: {incidents}");
            }
        }
    }

    [Fact]
    public async Task A_file_that_is_no_capture_ends_in_words()
    {
        using var cli = new CliRun();
        await File.WriteAllTextAsync(Path.Combine(cli.Home, "none.pcap"), "nothing of the kind", TestContext.Current.CancellationToken);
        var (exit, _, error) = await cli.RunAsync("ddos", "detect", "none.pcap");
        Assert.Equal(2, exit);
        Assert.Contains("no capture", error, StringComparison.Ordinal);
    }

    private static async Task<JsonArray> DetectAsync(string file, params string[] more)
    {
        using var cli = new CliRun();
        var (exit, output, error) = await cli.RunAsync(["ddos", "detect", file, "--json", .. more]);
        Assert.True(exit == 0, error);
        return JsonNode.Parse(output)!.AsArray();
    }

    private static string Shared(string path)
    {
        Assert.SkipWhen(SharedFiles.Find(path) is null, $"the shared data {path} is not here");
        return SharedFiles.Find(path)!;
    }
}
