using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Mail;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Mail;

/// <summary>`tsunagi try mail` as a person runs it beside his own Postfix, with the lines it prints.</summary>
public sealed class Try_mail
{
    private const string CopyDomain = "copy.tsunagi.invalid";

    [Fact]
    public async Task Copies_from_a_postfix_are_seen_with_what_would_be_delivered_and_nothing_is()
    {
        var whyNot = PostfixInstance.WhyNot();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        var cancel = TestContext.Current.CancellationToken;
        var before = Directory.GetDirectories(Path.GetTempPath(), "tsunagi-try-*");
        await using var own = new CustomerServer();
        var asked = new ConcurrentQueue<SmtpVerb>();
        own.Receiver.Answer = command =>
        {
            asked.Enqueue(command.Verb);
            return null;
        };
        var (smtp, console) = (FreePorts.Tcp(), FreePorts.Tcp());
        using var program = Start("try", "mail", "--next-hop", $"127.0.0.1:{own.Port}", "--listen", $"127.0.0.1:{smtp}", "--console-port", console.ToString(CultureInfo.InvariantCulture));
        var lines = new List<string>();
        try
        {
            await ReadUntilAsync(program, lines, static line => line.Contains("Ctrl-C ends it", StringComparison.Ordinal));
            var text = string.Join('\n', lines);
            Assert.Contains("postconf -e 'always_bcc = copy@" + CopyDomain, text, StringComparison.Ordinal);
            var (user, password) = (Behind(text, "Sign in   "), Behind(text, "password "));

            // What it says to put into Postfix, put into Postfix.
            var map = text[text.IndexOf("inline:", StringComparison.Ordinal)..];
            await using var postfix = await PostfixInstance.StartAsync(own.Port, "transport_maps=" + map[..(map.IndexOf('}', StringComparison.Ordinal) + 1)], "always_bcc=copy@" + CopyDomain);
            for (var i = 0; i < 3; i++)
            {
                await using var client = await Dialogue.GreetedAsync(postfix.Port);
                await client.BeginAsync("bob@one.example");
                Assert.StartsWith("250", await client.SayAsync($"Subject: number {i}\r\n\r\nbody {i}\r\n."), StringComparison.Ordinal);
            }

            await own.GotAsync(3);
            using var api = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{console}/api/v1/") };
            using (var signedIn = await api.PostAsJsonAsync("session", new { email = user, password }, cancel))
            {
                Assert.True(signedIn.IsSuccessStatusCode, await signedIn.Content.ReadAsStringAsync(cancel));
            }

            var copies = await UntilAsync(async () => (JsonArray)(await GetAsync(api, "mail/messages"))["items"]!, static items => items.Count == 3);
            Assert.Equal(["number 0", "number 1", "number 2"], copies.Select(static copy => (string)copy!["subject"]!).Order(StringComparer.Ordinal));
            Assert.All(copies, static copy => Assert.Equal("queued", (string)copy!["state"]!));
            var id = (string)copies[0]!["id"]!;
            Assert.Contains("dry run", (string)(await GetAsync(api, "mail/messages/" + id))["why"]!, StringComparison.Ordinal);
            Assert.StartsWith("body ", (string)(await GetAsync(api, $"mail/messages/{id}/content"))["text"]!, StringComparison.Ordinal);

            // Until a person asks, the only ones who spoke to that server were Postfix's.
            Assert.Equal(3, asked.Count(static verb => verb == SmtpVerb.Mail));
            using (var probe = await api.PostAsync($"mail/messages/{id}/probe", null, cancel))
            {
                var steps = (JsonArray)JsonNode.Parse(await probe.Content.ReadAsStringAsync(cancel))!["steps"]!;
                Assert.Equal(3, steps.Count);
                Assert.StartsWith("RCPT TO:<copy@", (string)steps[2]!["command"]!, StringComparison.Ordinal);
                Assert.StartsWith("250", (string)steps[2]!["reply"]!, StringComparison.Ordinal);
            }

            Assert.Equal(4, asked.Count(static verb => verb == SmtpVerb.Mail));
            await ReadUntilAsync(program, lines, line => line.Contains(id, StringComparison.Ordinal));
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancel);
            Assert.Equal(3, own.Messages.Count);
        }
        finally
        {
            using var interrupt = Process.Start("kill", ["-INT", program.Id.ToString(CultureInfo.InvariantCulture)]);
            try
            {
                await ReadUntilAsync(program, lines, static line => line.Contains("are gone", StringComparison.Ordinal));
                await program.WaitForExitAsync(CancellationToken.None);
            }
            finally
            {
                if (!program.HasExited)
                {
                    program.Kill(entireProcessTree: true);
                }
            }
        }

        Assert.Equal(0, program.ExitCode);
        Assert.Equal(before.Order(StringComparer.Ordinal), Directory.GetDirectories(Path.GetTempPath(), "tsunagi-try-*").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--next-hop: ", "try", "mail", "--next-hop", "host:0")]
    [InlineData("--listen: ", "try", "mail", "--next-hop", "host", "--listen", "nowhere")]
    [InlineData("--domain: ", "try", "mail", "--next-hop", "host", "--domain", "a b")]
    public async Task What_is_typed_wrongly_is_named_and_ends_with_2(string said, params string[] words)
    {
        using var program = Start(words);
        var error = await program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, program.ExitCode);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    // What a shell starts in the background is deaf to SIGINT, and so is all that it starts: the program is started as from a terminal.
    private static Process Start(params string[] words) => Process.Start(
        new ProcessStartInfo("env", ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "tsunagi-host"), .. words]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static string Behind(string text, string words)
    {
        var at = text.IndexOf(words, StringComparison.Ordinal) + words.Length;
        return text[at..].Split(' ', '\n')[0];
    }

    private static async Task<JsonNode> GetAsync(HttpClient api, string path)
    {
        using var response = await api.GetAsync(path, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> holds)
    {
        for (var attempt = 0; ; attempt++)
        {
            var value = await read();
            if (holds(value))
            {
                return value;
            }

            Assert.True(attempt < 100, $"still {value} after 20 s");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static async Task ReadUntilAsync(Process program, List<string> lines, Func<string, bool> last)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (await program.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            lines.Add(line);
            if (last(line))
            {
                return;
            }
        }

        Assert.Fail("it ended: " + string.Join('\n', lines) + await program.StandardError.ReadToEndAsync(CancellationToken.None));
    }
}
