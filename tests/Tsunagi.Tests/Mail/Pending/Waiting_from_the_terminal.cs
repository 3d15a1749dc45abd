using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Mail.Quarantine;
using Tsunagi.Tests.Testing;
using Tsunagi.Ui.Format;

namespace Tsunagi.Tests.Mail.Pending;

public sealed class Waiting_from_the_terminal
{
    [Fact]
    public async Task What_waits_is_listed_sent_and_taken_back()
    {
        await using var running = await RunningNode.StartAsync();
        using var cli = new CliRun();
        var services = running.Node.App.Services;
        async Task<JsonNode?> SayAsync(int exit, params string[] arguments)
        {
            var (code, output, error) = await cli.RunAsync([.. arguments, "--data", running.Data, "--json"]);
            Assert.True(code == exit, $"{string.Join(' ', arguments)}: {code} {error}");
            return output.Length == 0 ? null : JsonNode.Parse(output);
        }

        var root = await services.GetRequiredService<Stores>().Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = 'provider'"), TestContext.Current.CancellationToken);
        var facts = HeldMail.Facts(HoldClass.None, ["b@far.example", "c@far.example"], root + "t_one/") with { ReversePath = "a@one.example", PendingUntilMicros = TimeProvider.System.NowMicros() + 600_000_000 };
        var message = await HeldMail.PutAsync(services, facts, HeldMail.Content);
        JsonArray items = [];
        for (var i = 0; i < 200 && items.Count < 2; i++)
        {
            items = Items(await SayAsync(0, "mail", "pending", "list", "--text", message, "--state", "pending"));
        }

        Assert.Equal(["b@far.example", "c@far.example"], items.Select(static item => (string?)item!["recipient"]).Order());
        Assert.Null(items[0]!["subject"]);
        var (one, other) = ((string)items[0]!["id"]!, (string)items[1]!["id"]!);
        Assert.Equal("pending", (string?)(await SayAsync(0, "mail", "pending", "show", one))!["state"]);
        Assert.Equal("recalled", (string?)(await SayAsync(0, "mail", "pending", "cancel", one))!["state"]);
        Assert.Equal("recalled", (string?)(await SayAsync(0, "mail", "pending", "cancel", one))!["state"]);
        await SayAsync(1, "mail", "pending", "send", one);
        Assert.Equal("sent", (string?)(await SayAsync(0, "mail", "pending", "send", other))!["state"]);
        await SayAsync(1, "mail", "pending", "cancel", other);
        await SayAsync(1, "mail", "pending", "show", "mp_01m89y21yfntzk2135jbxkza6a");
        await SayAsync(2, "mail", "pending", "list", "--state", "lost");
    }

    [Fact]
    public void The_notice_is_well_formed_in_both_languages_and_shows_words_as_text()
    {
        var about = HeldMail.Facts(HoldClass.None, [.. Enumerable.Range(0, 23).Select(static n => $"r{n}@partner.example"), "x@patrner.example"], subject: "見積 <script>alert(1)</script>\r\nBcc: evil@x.example") with
        {
            ReversePath = "a@one.example", PendingUntilMicros = 1_795_399_600_000_000, Doubts = [.. Enumerable.Repeat("", 23), "partner.example"],
        };
        foreach (var language in new[] { "en", "ja" })
        {
            var letter = new PendingLetter("outbox@gateway.test", about, "m_x@gateway.test", language, Zone.Of("Asia/Tokyo"), 1_795_399_000_000_000, "https://console.test/pending/t_one.abc");
            var html = letter.Html();
            Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
            Assert.Contains("href=\"https://console.test/pending/t_one.abc\"", html, StringComparison.Ordinal);
            Assert.Contains(language == "ja" ? "partner.example に似ています" : "like partner.example", html, StringComparison.Ordinal);
            Assert.Contains(language == "ja" ? "ほかに4件の宛先" : "4 more recipients", letter.PlainText(), StringComparison.Ordinal);
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            letter.Write(output);
            Assert.All(System.Text.Encoding.ASCII.GetString(output.WrittenSpan).Split("\r\n"), static line => Assert.True(line.Length <= 998 && !line.Contains('\n') && !line.Contains('\r')));
            var header = MessageHeader.Read(output.WrittenSpan);
            Assert.Contains("patrner.example", header.Subject, StringComparison.Ordinal);
            Assert.DoesNotContain("\r\nBcc:", System.Text.Encoding.ASCII.GetString(output.WrittenSpan), StringComparison.OrdinalIgnoreCase);
            Assert.Contains("x@patrner.example", MessageText.Read(output.WrittenSpan).Text, StringComparison.Ordinal);
        }
    }

    private static JsonArray Items(JsonNode? page) => (page as JsonArray) ?? page!["items"]!.AsArray();
}
