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
    public async Task Attack_captures_are_found_and_named(string file, string vector)
    {
        foreach (var sampling in (int[])[1, 100])
        {
            var incidents = await DetectAsync(Shared("data/flows/attacks/" + file), "--rate", "20000", "--seconds", "6", "--sampling", sampling.ToString(CultureInfo.InvariantCulture));
            Assert.True(incidents.Count > 0, $"{file} at 1:{sampling}");
            Assert.Contains(vector, incidents.Select(static i => (string)i!["vector"]!));
            Assert.All(incidents, i => Assert.Equal(sampling == 1, (double)i!["errorPercent"]! == 0));
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
                var incidents = await DetectAsync(file, "--rate", rate.ToString(CultureInfo.InvariantCulture), "--seconds", "4", "--packets-per-second", "10000");
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
