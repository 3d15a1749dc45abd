using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Mail.Checks;
using Tsunagi.Tests.Protocols.Mail.Classify;

namespace Tsunagi.Tests.Mail.Verdict;

/// <summary>tsunagi mail check: no installation, no node, no network.</summary>
public sealed class One_message_in_place : IDisposable
{
    private const string Zone = """
        strict.example        TXT "v=spf1 ip4:192.0.2.1 -all"
        _dmarc.strict.example TXT v=DMARC1; p=reject
        slow.example          TXT TIMEOUT
        """;

    private const string Plain = "From: a@strict.example\nTo: b@one.example\nSubject: x\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nbody\n";

    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Good_mail_passes_and_each_check_says_what_it_did()
    {
        var (code, found) = await CheckAsync(Plain, "--from", "a@strict.example", "--ip", "192.0.2.1", "--helo", "mx.strict.example", "--to", "b@one.example");
        Assert.Equal(0, code);
        Assert.Equal(("accept", "accept"), ((string?)found["verdict"], (string?)found["wished"]));
        Assert.Equal(["header ran", "url ran", "attachment ran", "clamav not-asked", "auth ran", "client ran", "classifier not-asked"], Checks(found));
        Assert.Equal(["spf=pass", "dmarc=pass"], found["authentication"]!.AsArray().Select(static one => $"{one!["method"]}={one["result"]}"));
        Assert.Equal(["auth.dmarc-pass", "client.no-name"], Codes(found));
        Assert.Equal("b@one.example", (string?)found["envelope"]!["to"]![0]);
        Assert.Equal("text/plain", (string?)found["parts"]![0]!["type"]);
    }

    [Fact]
    public async Task Forged_mail_is_only_tagged_by_the_default_policy_and_the_harder_wish_is_said()
    {
        var (_, found) = await CheckAsync(Plain, "--ip", "192.0.2.9");
        Assert.Equal(("tag", "quarantine", "auth.dmarc-reject"), ((string?)found["verdict"], (string?)found["wished"], (string?)found["reason"]));
        Assert.Contains("whose owner asks to refuse such mail", (string?)found["why"], StringComparison.Ordinal);
        Assert.Equal("From", (string?)found["envelope"]!["fromBy"]);
        await WriteAsync("m.eml", Plain);
        var (_, said, _) = await _cli.RunAsync("mail", "check", Path("m.eml"), "--ip", "192.0.2.9", "--dns", Path("zone"));
        Assert.Contains("verdict: tag (the default policy only tags; without tag-only it would be quarantined)", said, StringComparison.Ordinal);
        Assert.Contains("why: It is not confirmed to be by strict.example", said, StringComparison.Ordinal);
        Assert.Contains("(not asked: no --clamd was given)", said.Replace("\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_in_archives_ambiguous_structure_and_forged_fields_are_evidence_as_at_the_gateway()
    {
        var message = "X-Tsunagi-Verdict: accept\r\n" + Attachments_of_a_message.Attached(("a.zip", Attachments_of_a_message.Zip(("run.exe", "MZ"u8.ToArray()))));
        var (_, found) = await CheckAsync(message, "--from", "<>");
        Assert.Contains("attachment.executable", Codes(found));
        Assert.Contains("header.forged-field", Codes(found));
        Assert.Contains("header.null-sender-form", Codes(found));
        Assert.Equal(1, (int?)found["forgedFields"]);
    }

    [Fact]
    public async Task A_signature_is_verified_with_the_key_of_the_file()
    {
        using var key = DkimPrivateKey.Create(DkimAlgorithm.Ed25519Sha256);
        var message = Encoding.ASCII.GetBytes(Plain.Replace("\n", "\r\n", StringComparison.Ordinal));
        var signed = new ArrayBufferWriter<byte>();
        DkimSigning.Sign(new ReadOnlySequence<byte>(message), [new DkimSigner("strict.example", "s", key)], null, DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), signed);
        await WriteAsync("zone", $"{Zone}\ns._domainkey.strict.example TXT {key.ToRecord()}\n");
        signed.Write(message);
        await File.WriteAllBytesAsync(Path("m.eml"), signed.WrittenSpan.ToArray(), TestContext.Current.CancellationToken);
        var (_, said, error) = await _cli.RunAsync("mail", "check", Path("m.eml"), "--dns", Path("zone"), "--at", "1700000100", "--json");
        Assert.True(said.Length > 0, error);
        Assert.Contains("dkim=pass", JsonNode.Parse(said)!["authentication"]!.AsArray().Select(static one => $"{one!["method"]}={one["result"]}"));
        var (exit, _, _) = await _cli.RunAsync("mail", "dkim", "verify", Path("m.eml"), "--dns", Path("zone"), "--at", "1700000100");
        Assert.Equal(0, exit);
    }

    [Fact]
    public async Task A_name_server_without_an_answer_is_held_against_nobody()
    {
        var (_, found) = await CheckAsync(Plain.Replace("strict", "slow", StringComparison.Ordinal), "--ip", "192.0.2.9");
        Assert.Equal("accept", (string?)found["verdict"]);
        Assert.Contains("auth.temperror", Codes(found));
    }

    [Fact]
    public async Task Clamd_is_asked_where_it_was_named_and_one_that_is_away_is_told()
    {
        await using var clamd = new FakeClamd();
        var (_, found) = await CheckAsync(Plain.Replace("body", "EICAR", StringComparison.Ordinal), "--clamd", clamd.Place);
        Assert.Contains("clamav.virus", Codes(found));
        (_, found) = await CheckAsync(Plain, "--clamd", Path("nowhere.ctl"));
        Assert.Contains("clamav unavailable", Checks(found));
        Assert.Contains("clamav.unavailable", Codes(found));
    }

    [Fact]
    public async Task The_classifier_speaks_where_there_is_a_model()
    {
        var trainer = new ModelTrainer(new TrainingOptions { Bits = 16, Folds = 4 });
        var tokens = new MessageTokens();
        for (var seed = 0; seed < 80; seed++)
        {
            tokens.Read(SampleMail.Make(seed, seed % 2 == 0));
            trainer.Add(tokens, seed % 2 == 0);
        }

        await File.WriteAllBytesAsync(Path("m.model"), ModelFile.Write(trainer.Train(null, CancellationToken.None)!), TestContext.Current.CancellationToken);
        var (_, found) = await CheckAsync(Encoding.ASCII.GetString(SampleMail.Make(9_001, isSpam: true)), "--model", Path("m.model"));
        Assert.Contains(Codes(found), static code => code.StartsWith("classifier.", StringComparison.Ordinal));
        await WriteAsync("broken.model", "no model");
        await WriteAsync("m.eml", Plain);
        var (exit, _, error) = await _cli.RunAsync("mail", "check", Path("m.eml"), "--dns", Path("zone"), "--model", Path("broken.model"));
        Assert.Equal(2, exit);
        Assert.Contains("cannot be read", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--ip: 'x' is no address", "--ip", "x")]
    [InlineData("--from: 'x' is no mail address", "--from", "x")]
    [InlineData("--to: 'x' is no mail address", "--to", "x")]
    [InlineData("--clamd: 'x' is no place", "--clamd", "x")]
    [InlineData("there is no model at", "--model", "none.model")]
    [InlineData("line 1, column 3: 'TXTT' is no type of record; allowed: A, AAAA", "--dns", "wrong-zone")]
    [InlineData("the file nowhere cannot be read", "--dns", "nowhere")]
    public async Task What_was_asked_wrongly_is_told(string expected, params string[] more)
    {
        await WriteAsync("m.eml", Plain);
        await WriteAsync("wrong-zone", "a TXTT x\n");
        await WriteAsync("zone", Zone);
        var (code, said, error) = await _cli.RunAsync([.. (string[])["mail", "check", "m.eml"], .. more[0] == "--dns" ? [] : (string[])["--dns", "zone"], .. more]);
        Assert.Equal((2, ""), (code, said));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_file_is_no_message()
    {
        await WriteAsync("m.eml", "");
        var (code, _, error) = await _cli.RunAsync("mail", "check", "m.eml");
        Assert.Equal(2, code);
        Assert.Contains("m.eml is empty", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_this_machines_resolvers_are_asked()
    {
        var asked = new Tsunagi.Tests.Protocols.Mail.FixedDns();
        await WriteAsync("m.eml", Plain);
        var output = new StringWriter();
        var exit = await Tsunagi.Host.Cli.CommandLine.RunAsync(
            ["mail", "spf", "verify", "--ip", "192.0.2.1", "--from", "a@strict.example"], CliRun.Verbs,
            new()
            {
                Out = output, Error = TextWriter.Null, In = TextReader.Null, Variable = static _ => null, HomeDirectory = _cli.Home, CurrentDirectory = _cli.Home,
                Service = type => type == typeof(Tsunagi.Protocols.Mail.Lookup.IMailDns) ? asked : null,
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(1, exit);
        Assert.StartsWith("none:", output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
    }

    private async Task<(int Code, JsonNode Found)> CheckAsync(string message, params string[] more)
    {
        await WriteAsync("m.eml", message);
        await WriteAsync("zone", Zone);
        var (code, said, error) = await _cli.RunAsync([.. (string[])["mail", "check", "m.eml", "--dns", "zone", "--json"], .. more]);
        Assert.True(said.Length > 0, error);
        return (code, JsonNode.Parse(said)!);
    }

    private static IEnumerable<string> Checks(JsonNode found) => found["checks"]!.AsArray().Select(static check => $"{check!["check"]} {check["state"]}");

    private static List<string> Codes(JsonNode found) => [.. found["checks"]!.AsArray().SelectMany(static check => check!["evidence"]!.AsArray()).Select(static one => (string)one!["code"]!)];

    private string Path(string name) => System.IO.Path.Combine(_cli.Home, name);

    private Task WriteAsync(string name, string content) => File.WriteAllTextAsync(Path(name), content, TestContext.Current.CancellationToken);
}
