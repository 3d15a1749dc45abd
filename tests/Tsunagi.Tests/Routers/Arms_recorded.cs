using System.Text;
using System.Text.RegularExpressions;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routers;

/// <summary>Sessions of a real client, in both directions: its requests get the recorded answers from our servers, and the recorded answers get its requests from our simulated box.</summary>
public partial class Arms_recorded(RecordedNode world) : IClassFixture<RecordedNode>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_answered_as_they_were()
    {
        List<Exchange> exchanges = [.. Read("session-tunnel.txt"), .. Read("session-simple.txt")];
        (string site, _) = await world.AddSiteAsync("Recorded", device: "0001-0000-0101-0000-0000-0000-DEAD-BEEF");
        await world.ConfigureAsync(site, "hostname r1");
        await world.Node.Operator.PostAsync("/routers/devices", new { distributionId = "0001-0000-0101-0000-0000-0000-DEAD-BEEF", key = "lskey" });
        string key = "";
        foreach (Exchange exchange in exchanges)
        {
            bool isLocation = exchange.Path == "/ls";
            byte[] answer = await ArmsWire.PostAsync(
                new Uri(world.LocationServer, exchange.Path), "0001-0000-0101-0000-0000-0000-DEAD-BEEF", isLocation ? "lskey" : key, Encoding.ASCII.GetBytes(exchange.Request), null, isLocation, isLegacy: false, Cancel);
            Assert.True(ArmsReader.TryRead(answer, null, out ArmsMessage? message, out ArmsError error), error.Reason);
            key = isLocation ? message!["rs-preshared-key"]! : key;
            if (!exchange.Request.Contains("push-confirmation-start", StringComparison.Ordinal))
            {
                Assert.Equal(Normal(exchange.Answer), Normal(Encoding.ASCII.GetString(answer)));
            }
        }

        Assert.True(exchanges.Count >= 8, $"{exchanges.Count} exchanges");
    }

    [Theory]
    [InlineData("session-tunnel.txt")]
    [InlineData("session-simple.txt")]
    public async Task Answers_are_asked_for_as_they_were(string file)
    {
        var exchanges = new Queue<Exchange>(Read(file).TakeWhile(static e => !e.Request.Contains("Pull requested", StringComparison.Ordinal) && !e.Request.Contains("push-confirmation", StringComparison.Ordinal)));
        Assert.True(DistributionId.TryParse("0001-0000-0101-0000-0000-0000-DEAD-BEEF", out DistributionId id));
        int asked = 0;
        var box = new SimulatedArmsBox(id, "lskey", new Uri("https://127.0.0.1:8443/ls"), TimeProvider.System)
        {
            Post = (url, key, message, _, _) =>
            {
                Exchange exchange = exchanges.Dequeue();
                Assert.Equal(exchange.Request, Encoding.ASCII.GetString(message));
                Assert.Equal((exchange.Path, exchange.Key), (url.AbsolutePath, key));
                asked++;
                return Task.FromResult(Encoding.ASCII.GetBytes(exchange.Answer));
            },
        };
        Assert.Equal(ArmsOutcome.Done, await box.PullAsync(Cancel));
        Assert.Equal(ArmsOutcome.Done, await box.QueryAsync(Cancel));
        Assert.Equal(3, asked);
        Assert.Equal("hostname r1", box.Text(0));
        Assert.Equal("table inet f {}", box.Text(7));
    }

    [Fact]
    public void Location_configurations_are_written_as_they_were()
    {
        string text = Regex.Match(Read("session-tunnel.txt")[0].Answer, "<md-config>(?<text>.*?)</md-config>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Groups["text"].Value;
        Assert.True(LocationConfig.TryParse(text, out LocationConfig? config));
        Assert.Equal("line-dhcp", config!.Line.Type);
        Assert.Equal(text, config.Write());
        Assert.InRange(text.Length, 1, LocationConfig.Longest);
    }

    private static List<Exchange> Read(string file)
    {
        string? path = SharedFiles.Find("data/routers/arms/" + file);
        Assert.SkipWhen(path is null, "the recorded sessions are not here (TSUNAGI_SHARED)");
        return [.. Posts().Matches(File.ReadAllText(path!)).Select(static m => new Exchange(m.Groups["path"].Value, m.Groups["key"].Value, m.Groups["request"].Value, m.Groups["answer"].Value))];
    }

    /// <summary>Without what is of one installation: addresses, keys, certificates; and without what our servers do not offer: certificates of boxes.</summary>
    private static string Normal(string answer)
    {
        answer = Regex.Replace(answer, "https://127.0.0.1:\\d+/", "https://127.0.0.1/", RegexOptions.None, TimeSpan.FromSeconds(5));
        answer = Regex.Replace(answer, "(?<=<rs-preshared-key>).*?(?=</)|(?<=BEGIN CERTIFICATE-----).*?(?=-----END)", "", RegexOptions.Singleline, TimeSpan.FromSeconds(5));
        answer = Regex.Replace(answer, "<(?<name>sa-certificate|sa-private-key)>.*?</\\k<name>>", "", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        answer = Regex.Replace(answer, "(?<=<heartbeat-info><host>127.0.0.1</host><port>)\\d+(?=</port>)|(?<=<passphrase>)\\w+(?=</passphrase>)", "", RegexOptions.None, TimeSpan.FromSeconds(5));

        // Ours says base64's commit order only where there is one, and offers the tunnel where the other offered its own port.
        return answer.Replace("<push-method>https-simple</push-method>", "<push-method>https-tunnel</push-method>", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"<< (?<path>/ls|/rs) POST \S+ HTTP/1\.\d auth= [0-9A-F-]+:(?<key>\S+) (?<request><arms-message>.*?</arms-message>)\s+[\d.]+ >> (?:/ls|/rs) (?<answer><\?xml.*?</arms-message>)", RegexOptions.Singleline, 5_000)]
    private static partial Regex Posts();

    private sealed record Exchange(string Path, string Key, string Request, string Answer);
}
