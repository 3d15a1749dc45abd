using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Protocols.Flow;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Verbs;

/// <summary>What a person does with flow data before anything is installed.</summary>
public sealed partial class Flow_verbs
{
    public static TheoryData<string> LogstashCases() =>
        [.. SharedFiles.Find("data/flows/logstash/expected.json") is { } file ? JsonNode.Parse(File.ReadAllText(file))!.AsArray().Select(static c => (string)c!["case"]!) : [""]];

    [Theory]
    [MemberData(nameof(LogstashCases))]
    public async Task Decode_prints_one_object_per_record_by_the_names_of_IANA(string name)
    {
        var folder = Path.GetDirectoryName(Shared("data/flows/logstash/expected.json"))!;
        var one = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "expected.json"), TestContext.Current.CancellationToken))!.AsArray().Single(c => (string)c!["case"]! == name)!;
        var files = one["datagrams_in_order"]!.AsArray().Select(f => Path.Combine(folder, (string)f!)).ToList();
        var keeper = new FlowKeeper();
        files.ForEach(file => keeper.Decode(File.ReadAllBytes(file)));

        using var cli = new CliRun();
        var (exit, output, _) = await cli.RunAsync(["flows", "decode", .. files, "--json"]);

        Assert.Equal(0, exit);
        var records = JsonNode.Parse(output)!.AsArray();
        if (one["expected_record_count"] is { } count)
        {
            Assert.Equal((int)count, records.Count);
        }

        Assert.Equal(keeper.Objects.Count, records.Count);
        foreach (var (expected, record) in keeper.Objects.Zip(records))
        {
            Assert.Equal(Without(expected), Without(record!.AsObject()));
        }
    }

    [Fact]
    public async Task Every_capture_of_flows_decodes_or_says_why_it_ends_early()
    {
        var files = Directory.EnumerateFiles(Shared("data/flows"), "*.pcap*", SearchOption.AllDirectories).Where(static f => !f.Contains("/benign", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            using var cli = new CliRun();
            var (_, output, error) = await cli.RunAsync("flows", "decode", file, "--json", "--limit", "2000");
            Assert.True(JsonNode.Parse(output) is JsonArray, file);
            Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Decode_of_a_file_that_is_nothing_fails_in_words()
    {
        using var cli = new CliRun();
        await File.WriteAllTextAsync(Path.Combine(cli.Home, "none.txt"), "this is no datagram", TestContext.Current.CancellationToken);
        var (exit, _, error) = await cli.RunAsync("flows", "decode", "none.txt");
        Assert.Equal(1, exit);
        Assert.Contains("none.txt, datagram 1: reading a flow datagram: version", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Decode_stops_at_the_limit(int limit)
    {
        using var cli = new CliRun();
        await File.WriteAllBytesAsync(Path.Combine(cli.Home, "v5.dat"), Exports.NetFlow5(records: 4), TestContext.Current.CancellationToken);
        var (_, output, _) = await cli.RunAsync("flows", "decode", "v5.dat", "--json", "--limit", limit.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(limit, JsonNode.Parse(output)!.AsArray().Count);
    }

    [Fact]
    public async Task Listen_shows_who_gets_how_much()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        probe.Dispose();
        using var cli = new CliRun();
        var run = cli.RunAsync("flows", "listen", $"127.0.0.1:{port}", "--seconds", "2", "--json");
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        while (!run.IsCompleted)
        {
            await sender.SendToAsync(Exports.NetFlow5(records: 4), new IPEndPoint(IPAddress.Loopback, port), TestContext.Current.CancellationToken);
            await Task.WhenAny(run, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken));
        }

        var (exit, output, _) = await run;
        Assert.Equal(0, exit);
        var document = JsonNode.Parse(output)!;
        Assert.True((long)document["flows"]! >= 4, output);
        Assert.Equal("192.0.2.1", (string)document["destinations"]![0]!["address"]!);
        Assert.True((double)document["destinations"]![0]!["packetsPerSecond"]! > 0);
    }

    [Fact]
    public async Task Flowspec_rules_go_to_octets_and_back()
    {
        using var cli = new CliRun();
        var (exit, output, _) = await cli.RunAsync("bgp", "flowspec", "encode", "dst", "192.0.2.1/32", "proto", "udp", "sport", "53", "then", "discard", "--json");
        Assert.Equal(0, exit);
        var encoded = JsonNode.Parse(output)!;
        Assert.Equal("0c0120c0000201038111068135", (string)encoded["route"]!);
        var (_, route, _) = await cli.RunAsync("bgp", "flowspec", "decode", (string)encoded["route"]!, "--json");
        Assert.Equal("dst 192.0.2.1/32 proto udp sport 53", (string)JsonNode.Parse(route)![0]!["rule"]!);
        var (_, announce, _) = await cli.RunAsync("bgp", "flowspec", "decode", (string)encoded["announce"]!, "--json");
        Assert.Equal("dst 192.0.2.1/32 proto udp sport 53 then discard", (string)JsonNode.Parse(announce)![0]!["rule"]!);
        var (_, withdraw, _) = await cli.RunAsync("bgp", "flowspec", "decode", (string)encoded["withdraw"]!, "--json");
        Assert.Equal("withdraw", (string)JsonNode.Parse(withdraw)![0]!["act"]!);
    }

    [Theory]
    [InlineData("encode", "dst 192.0.2.1/32 len >99971 then discard")]
    [InlineData("decode", "0c01")]
    [InlineData("decode", "xyz")]
    public async Task Flowspec_that_cannot_be_ends_in_words(string act, string input)
    {
        using var cli = new CliRun();
        var (exit, _, error) = await cli.RunAsync(["bgp", "flowspec", act, .. input.Split(' ')]);
        Assert.Equal(2, exit);
        Assert.NotEmpty(error);
    }

    [Fact]
    public async Task Flowspec_decodes_every_message_of_exabgp()
    {
        var messages = (await File.ReadAllLinesAsync(Shared("data/flows/flowspec-exabgp/conf-flow.ci"), TestContext.Current.CancellationToken)).Select(static line => RawLine().Match(line)).Where(static m => m.Success)
            .Select(static m => m.Groups["hex"].Value).Where(static hex => hex.Length > 46).ToList();
        Assert.NotEmpty(messages);
        using var cli = new CliRun();
        foreach (var hex in messages)
        {
            var read = BgpMessageReader.Read(Convert.FromHexString(hex.Replace(":", "", StringComparison.Ordinal)));
            var (exit, _, error) = await cli.RunAsync("bgp", "flowspec", "decode", hex);
            Assert.True(exit == 0 || read.Message is not BgpUpdate, $"{hex}: {error}");
        }
    }

    private static string Without(JsonObject record)
    {
        var copy = record.DeepClone().AsObject();
        copy.Remove("export"); // says when it was received, which a test's keeper sets itself
        return copy.ToJsonString();
    }

    private static string Shared(string path)
    {
        Assert.SkipWhen(SharedFiles.Find(path) is null, $"the shared data {path} is not here");
        return SharedFiles.Find(path)!;
    }

    [GeneratedRegex(@"^\d+:raw:(?<hex>[0-9A-Fa-f:]+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex RawLine();
}
