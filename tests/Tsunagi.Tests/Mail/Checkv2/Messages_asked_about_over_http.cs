using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail;
using Tsunagi.Mail.Beside;
using Tsunagi.Mail.Checkv2;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Mail.Checks;

namespace Tsunagi.Tests.Mail.Checkv2;

/// <summary>Rspamd's protocol, as what asks an Rspamd speaks it.</summary>
public sealed class Messages_asked_about_over_http
{
    private static readonly string Program = Attachments_of_a_message.Attached(("run.exe", [(byte)'M', (byte)'Z', 0, 0]));

    [Fact]
    public async Task What_was_found_is_told_in_rspamds_words()
    {
        await using var node = await StartAsync();
        var (status, answer) = await AskAsync(node, "X-Tsunagi-Verdict: accept\r\nMessage-ID: <one@client.example>\r\n" + Program, ("From", "alice@client.example"), ("Rcpt", "bob@one.example"), ("IP", "192.0.2.7"), ("Helo", "client.example"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("add header", answer.GetProperty("action").GetString());
        Assert.False(answer.GetProperty("is_skipped").GetBoolean());
        Assert.Equal(30, answer.GetProperty("score").GetInt32());
        Assert.Equal(50, answer.GetProperty("required_score").GetInt32());
        Assert.Equal("one@client.example", answer.GetProperty("message-id").GetString());
        Assert.Equal(20, answer.GetProperty("symbols").GetProperty("ATTACHMENT_EXECUTABLE").GetProperty("score").GetInt32());
        var milter = answer.GetProperty("milter");
        Assert.StartsWith("tag; reason=attachment.executable; points=30;\n\tfound=", milter.GetProperty("add_headers").GetProperty("X-Tsunagi-Verdict").GetProperty("value").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, milter.GetProperty("remove_headers").GetProperty("X-Tsunagi-Verdict").GetInt32());
    }

    [Fact]
    public async Task Fields_of_others_under_the_same_name_stay()
    {
        await using var node = await StartAsync();
        var (_, answer) = await AskAsync(
            node, "Authentication-Results: gateway.test; spf=pass\r\nAuthentication-Results: other.test; spf=pass\r\nAuthentication-Results: gateway.test; dkim=pass\r\nSubject: x\r\n\r\nbody\r\n", ("Rcpt", "bob@one.example"));
        var places = answer.GetProperty("milter").GetProperty("remove_headers").GetProperty("Authentication-Results");
        Assert.Equal([3, 1], places.EnumerateArray().Select(static place => place.GetInt32()));
    }

    [Fact]
    public async Task Any_cut_of_a_message_gives_the_same_answer_and_a_file_with_lone_line_ends_does_too()
    {
        await using var node = await StartAsync();
        var message = "X-Tsunagi-A: 1\r\nFolded: a\r\n\tb\r\n" + Program;
        var whole = Judged(node, message, message.Length);
        Assert.Contains("ATTACHMENT_EXECUTABLE", await whole, StringComparison.Ordinal);
        foreach (var piece in new[] { 1, 2, 3, 7, 64 })
        {
            Assert.Equal(await whole, await Judged(node, message, piece));
        }

        Assert.Equal(await whole, await Judged(node, message.Replace("\r\n", "\n", StringComparison.Ordinal), 5));
        Assert.Contains("\"is_skipped\":false", await Judged(node, "\r\nno header at all", 1), StringComparison.Ordinal);
        Assert.Contains("\"is_skipped\":false", await Judged(node, "Subject: no body at all", 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_rspamds_proxy_says_is_understood_a_get_with_content_and_an_address_with_its_port()
    {
        await using var node = await StartAsync(static options => options with { Shadow = true });
        using var client = ClientOf(node);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/checkv2") { Content = new ByteArrayContent(Encoding.ASCII.GetBytes(Program)) };
        foreach (var (name, value) in new[] { ("From", "<alice@client.example>"), ("Rcpt", "<\"bob, junior\"@one.example>, <carol@one.example>"), ("IP", "192.0.2.7:4711"), ("Helo", "client.example"), ("Flags", "milter,body_block") })
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("\"action\":\"no action\"", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("192.0.2.7", await node.EventuallyAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT client_address FROM mail_message"), static address => address is not null));
        Assert.Equal(["\"bob, junior\"@one.example", "carol@one.example"], await node.EventuallyAsync(static reader => reader.QueryAsync<string>("SELECT recipient FROM mail_recipient ORDER BY position"), static rows => rows.Count == 2));
    }

    [Fact]
    public async Task To_keep_is_a_word_of_its_own_and_for_the_proxy_a_reject_that_is_kept()
    {
        await using var node = await StartAsync();
        using var message = new BesideMessage(node.Services.GetRequiredService<BesideServices>(), isShadow: false);
        var kept = new MessageVerdict(PolicyAction.Quarantine, default, "points", PolicyAction.Quarantine, 60, false, "", []);
        var answer = new BesideAnswer(PolicyAction.Quarantine, default, kept, EffectivePolicy.BuiltIn, "", "");
        Assert.Equal(("quarantine", null), Said(answer, isProxy: false));
        Assert.Equal(("reject", "quarantine"), Said(answer, isProxy: true));

        // The proxy keeps the word for its session: a refusal takes it back.
        var refused = answer with { Action = PolicyAction.Reject, Reply = "554 5.7.1 Not taken: words" };
        Assert.Equal(("reject", "refuse"), Said(refused, isProxy: true));
        Assert.Equal(("reject", null), Said(refused, isProxy: false));

        (string? Action, string? Kept) Said(BesideAnswer said, bool isProxy)
        {
            using var json = JsonDocument.Parse(Checkv2Answer.Write(message, said, isProxy));
            return (json.RootElement.GetProperty("action").GetString(), json.RootElement.GetProperty("milter").TryGetProperty("reject", out var reject) ? reject.GetString() : null);
        }
    }

    [Fact]
    public async Task Limits_hold_at_one_past_them()
    {
        await using var node = await StartAsync(static options => options with { MaxMessageBytes = 100_000, MaxHeaderBytes = 65_536, MaxRecipients = 2 });
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "A: b\r\n\r\n".PadRight(100_000, 'x'), ("Rcpt", "bob@one.example"))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await AskAsync(node, "A: b\r\n\r\n".PadRight(100_001, 'x'), ("Rcpt", "bob@one.example"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "A: ".PadRight(65_534, 'x') + "\r\n\r\nbody", ("Rcpt", "bob@one.example"))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await AskAsync(node, "A: ".PadRight(65_535, 'x') + "\r\n\r\nbody", ("Rcpt", "bob@one.example"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "A: b\r\n\r\n", ("Rcpt", "bob@one.example"), ("Rcpt", "carol@one.example"))).Status);
        var (status, answer) = await AskAsync(node, "A: b\r\n\r\n", ("Rcpt", "bob@one.example"), ("Rcpt", "carol@one.example"), ("Rcpt", "dave@one.example"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("there are more than 2 recipients", answer.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Whoever_is_not_listed_and_whatever_is_not_spoken_is_refused()
    {
        await using (var closed = await StartAsync(static options => options with { Allow = [IPNetwork.Parse("192.0.2.0/24")] }))
        {
            var (status, answer) = await AskAsync(closed, "A: b\r\n\r\n");
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.Equal("127.0.0.1 is not among mail.checkv2.allow", answer.GetProperty("error").GetString());
        }

        await using var node = await StartAsync();
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await AskAsync(node, "A: b\r\n\r\n", ("Compression", "zstd"))).Status);
        using var client = ClientOf(node);
        Assert.Equal("pong\r\n", await client.GetStringAsync(new Uri("/ping", UriKind.Relative), TestContext.Current.CancellationToken));
        using var other = await client.GetAsync(new Uri("/console", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        using var get = await client.GetAsync(new Uri("/checkv2", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task A_thousand_recipients_come_each_in_a_field_of_its_own_and_one_more_is_refused()
    {
        await using var node = await StartAsync();
        foreach (var (count, status) in new[] { (1_000, "HTTP/1.1 200"), (1_001, "HTTP/1.1 400") })
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(node.Services.GetRequiredService<Checkv2Listener>().EndPoints[0], TestContext.Current.CancellationToken);
            var fields = string.Concat(Enumerable.Range(0, count).Select(i => $"Rcpt: <{i:D4}{new string('x', 60)}@one.example>\r\n"));
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /checkv2 HTTP/1.1\r\nHost: filter\r\nConnection: close\r\n{fields}Content-Length: 12\r\n\r\nA: b\r\n\r\nbody"), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(client.GetStream());
            Assert.StartsWith(status, await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static Task<MailNode> StartAsync(Func<Checkv2ListenOptions, Checkv2ListenOptions>? options = null) => StartedAsync(options ?? (static given => given));

    private static async Task<MailNode> StartedAsync(Func<Checkv2ListenOptions, Checkv2ListenOptions> options)
    {
        var node = await MailNode.StartAsync(given => given with { Checkv2 = options(given.Checkv2 with { Listen = ["127.0.0.1:0"] }) });
        node.Sign("s_one", "t_root/t_one/", "one.example", 9);
        return node;
    }

    private static HttpClient ClientOf(MailNode node) =>
        new() { BaseAddress = new Uri($"http://127.0.0.1:{node.Services.GetRequiredService<Checkv2Listener>().EndPoints[0].Port}"), Timeout = TimeSpan.FromSeconds(8) };

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> AskAsync(MailNode node, string message, params (string Name, string Value)[] fields)
    {
        using var client = ClientOf(node);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/checkv2") { Content = new ByteArrayContent(Encoding.Latin1.GetBytes(message)) };
        foreach (var (name, value) in fields)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (response.StatusCode, answer.RootElement.Clone());
    }

    private static async Task<string> Judged(MailNode node, string text, int piece)
    {
        using var message = new BesideMessage(node.Services.GetRequiredService<BesideServices>(), isShadow: false);
        message.Begin("alice@client.example");
        Assert.True(message.TryAdd("<bob@one.example>", 1));
        var content = new Checkv2Content(message, 1 << 20);
        var octets = Encoding.Latin1.GetBytes(text);
        for (var at = 0; at < octets.Length; at += piece)
        {
            content.Feed(octets.AsSpan(at, Math.Min(piece, octets.Length - at)));
        }

        content.End();
        var answer = await message.JudgeAsync(TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(Checkv2Answer.Write(message, answer with { Id = default }, isProxy: false).Span);
    }
}
