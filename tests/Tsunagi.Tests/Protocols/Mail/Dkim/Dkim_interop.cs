using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Protocols.Mail.Arc;
using Tsunagi.Tests.Testing;
using static Tsunagi.Tests.Protocols.Mail.Dkim.DkimSamples;

namespace Tsunagi.Tests.Protocols.Mail.Dkim;

public partial class Dkim_interop
{
    internal const string OpenDkim = "/usr/sbin/opendkim";
    private const string Python = "/usr/bin/python3";
    private const string PythonDkim = "/usr/lib/python3/dist-packages/dkim/__init__.py";
    private const string Script =
        """
        import sys, time, dkim, json
        act, keys, message = sys.argv[1], json.loads(sys.argv[2]), sys.stdin.buffer.read()
        def dns(name, timeout=5):
            return keys[(name.decode() if isinstance(name, bytes) else name).rstrip('.')].encode()
        if act == 'verify':
            try:
                print(all(dkim.DKIM(message).verify(idx=i, dnsfunc=dns) for i in range(message.count(b'DKIM-Signature: v='))))
            except dkim.ValidationError:
                print(False)
        elif act == 'arc-verify':
            print(dkim.arc_verify(message, dnsfunc=dns)[0].decode())
        elif act == 'sign':
            sys.stdout.write(dkim.sign(message, b'py', b'example.com', keys['key'].encode(), canonicalize=(b'relaxed', b'simple'), signature_algorithm=keys['alg'].encode()).decode())
        elif act == 'arc-sign':
            sys.stdout.write(''.join(l.decode() for l in dkim.arc_sign(message, b'py', b'example.com', keys['key'].encode(), b'lists.example.org')))
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Canonicalization.Simple)]
    [InlineData(Canonicalization.Relaxed)]
    public async Task Opendkim_verifies_what_we_sign(Canonicalization form)
    {
        Assert.SkipUnless(File.Exists(OpenDkim), "opendkim is not installed");
        using var directory = new TemporaryDirectory();
        string In(string name) => Path.Combine(directory.Path, name);
        await File.WriteAllTextAsync(In("keys"), string.Concat(Records().Select(record => $"{record.Name} {record.Text}\n")), Token);
        await File.WriteAllTextAsync(In("conf"), $"Mode v\nTestPublicKeys {In("keys")}\n", Token);
        foreach (DkimSigner signer in (DkimSigner[])[RsaSigner, Ed25519Signer])
        {
            await File.WriteAllTextAsync(In("message"), Sign(Plain, new DkimSigningOptions { HeaderForm = form, BodyForm = form }, signer), Token);
            string said = await RunAsync(OpenDkim, ["-x", In("conf"), "-t", In("message")], "");
            Assert.Contains("succeeded", said, StringComparison.Ordinal);
            await File.WriteAllTextAsync(In("message"), Sign(Plain, null, signer).Replace("hungry", "thirsty", StringComparison.Ordinal), Token);
            Assert.DoesNotContain("succeeded", await RunAsync(OpenDkim, ["-x", In("conf"), "-t", In("message")], ""), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("simple/simple")]
    [InlineData("simple/relaxed")]
    [InlineData("relaxed/simple")]
    [InlineData("relaxed/relaxed")]
    public async Task We_verify_what_opendkim_signs(string forms)
    {
        Assert.SkipUnless(File.Exists(OpenDkim), "opendkim is not installed");
        using var directory = new TemporaryDirectory();
        string In(string name) => Path.Combine(directory.Path, name);
        await File.WriteAllTextAsync(In("key.pem"), Rsa.ToPem(), Token);
        await File.WriteAllTextAsync(In("message"), Plain, Token);
        await File.WriteAllTextAsync(
            In("conf"), $"Mode s\nDomain football.example.com\nSelector od\nKeyFile {In("key.pem")}\nRequireSafeKeys no\nCanonicalization {forms}\nSignatureAlgorithm rsa-sha256\nOversignHeaders From\n", Token);

        // Told to be verbose it shows the field that it would have its server insert.
        string said = await RunAsync(OpenDkim, ["-x", In("conf"), "-t", In("message"), "-v", "-v", "-v"], "");
        Match shown = InsertedField().Match(said);
        Assert.True(shown.Success, said);
        string signed = $"DKIM-Signature: {shown.Groups["value"].Value.ReplaceLineEndings("\r\n")}\r\n{Plain}";
        ZoneFile zone = ZoneFile.Read($"txt-records:\n  od._domainkey.football.example.com: {Rsa.ToRecord()}\n");
        DkimResult result = Assert.Single(await Verify(signed, zone, now: DateTimeOffset.MaxValue));
        Assert.True(result.Verdict == DkimVerdict.Pass, result.Reason + "\n" + signed);
        Assert.Equal(forms, $"{result.Signature!.HeaderForm}/{result.Signature.BodyForm}".ToLowerInvariant());
    }

    [Fact]
    public async Task Dkimpy_verifies_what_we_sign_and_seal()
    {
        NeedsDkimpy();
        string keys = JsonSerializer.Serialize(Records().ToDictionary(record => record.Name, record => record.Text));
        Assert.Equal("True", (await PythonAsync("verify", keys, Sign(Plain, null, RsaSigner, Ed25519Signer))).Trim());
        Assert.Equal("False", (await PythonAsync("verify", keys, Sign(Plain, null, RsaSigner).Replace("hungry", "thirsty", StringComparison.Ordinal))).Trim());
        string sealedTwice = await Arc_sealing.Seal(await Arc_sealing.Seal(Sign(Plain, null, RsaSigner), RsaSigner), RsaSigner);
        Assert.Equal("pass", (await PythonAsync("arc-verify", keys, sealedTwice)).Trim());
        Assert.Equal("fail", (await PythonAsync("arc-verify", keys, sealedTwice.Replace("hungry", "thirsty", StringComparison.Ordinal))).Trim());
    }

    [Fact]
    public async Task We_verify_what_dkimpy_signs_and_seals()
    {
        NeedsDkimpy();
        ZoneFile zone = ZoneFile.Read($"txt-records:\n  py._domainkey.example.com: {Rsa.ToRecord()}\n");
        string key = JsonSerializer.Serialize(new { key = Rsa.ToPem(), alg = "rsa-sha256" });
        string signed = await PythonAsync("sign", key, Plain) + Plain;
        Assert.Equal(DkimVerdict.Pass, Assert.Single(await Verify(signed, zone, now: DateTimeOffset.MaxValue)).Verdict);
        string authenticated = "Authentication-Results: lists.example.org; dkim=pass header.d=example.com; arc=none\r\n" + signed;
        string chained = await PythonAsync("arc-sign", key, authenticated) + authenticated;
        ArcResult result = await ArcVerification.VerifyAsync(Sequence(chained), zone, DateTimeOffset.MaxValue, null, CancellationToken.None);
        Assert.True(result.Verdict == ArcVerdict.Pass, result.Reason + "\n" + chained);

        ZoneFile edwards = ZoneFile.Read($"txt-records:\n  py._domainkey.example.com: {DkimSamples.Ed25519.ToRecord()}\n");
        string seed = JsonSerializer.Serialize(new { key = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=", alg = "ed25519-sha256" });
        Assert.Equal(DkimVerdict.Pass, Assert.Single(await Verify(await PythonAsync("sign", seed, Plain) + Plain, edwards, now: DateTimeOffset.MaxValue)).Verdict);
    }

    [Fact]
    public async Task Rspamd_verifies_what_we_sign_and_we_what_it_signs()
    {
        Assert.SkipUnless(File.Exists(RspamdInstance.Program), "rspamd is not installed");
        await using RspamdInstance rspamd = await RspamdInstance.StartAsync(Records(), "football.example.com", "rs", Rsa.ToPem(), Token);
        foreach (DkimSigner signer in (DkimSigner[])[RsaSigner, Ed25519Signer])
        {
            string signed = Sign(Plain, null, signer);
            Assert.Equal((true, false), Symbols(await rspamd.CheckAsync(Encoding.UTF8.GetBytes(signed), "192.0.2.1", Token)));
            Assert.Equal((false, true), Symbols(await rspamd.CheckAsync(Encoding.UTF8.GetBytes(signed.Replace("hungry", "thirsty", StringComparison.Ordinal)), "192.0.2.1", Token)));
        }

        JsonElement answer = await rspamd.CheckAsync(Encoding.UTF8.GetBytes(Plain), "127.0.0.1", Token);
        string signature = answer.GetProperty("dkim-signature").GetString()!.ReplaceLineEndings("\r\n");
        ZoneFile zone = ZoneFile.Read($"txt-records:\n  rs._domainkey.football.example.com: {Rsa.ToRecord()}\n");
        DkimResult result = Assert.Single(await Verify($"DKIM-Signature: {signature}\r\n{Plain}", zone, now: DateTimeOffset.MaxValue));
        Assert.True(result.Verdict == DkimVerdict.Pass, result.Reason);
    }

    [GeneratedRegex("hname='DKIM-Signature' hvalue='(?<value>[^']*)'", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex InsertedField();

    private static (bool Allow, bool Reject) Symbols(JsonElement answer) =>
        (answer.GetProperty("symbols").TryGetProperty("R_DKIM_ALLOW", out _), answer.GetProperty("symbols").TryGetProperty("R_DKIM_REJECT", out _));

    private static (string Name, string Text)[] Records() =>
        [("rsa._domainkey.example.com", Rsa.ToRecord()), ("ed._domainkey.example.com", DkimSamples.Ed25519.ToRecord())];

    internal static void NeedsDkimpy()
    {
        Assert.SkipUnless(File.Exists(PythonDkim), "python3-dkim is not installed");
        Assert.SkipUnless(File.Exists("/usr/lib/python3/dist-packages/nacl/__init__.py"), "python3-nacl is not installed");
    }

    internal static Task<string> PythonAsync(string act, string keys, string message) => RunAsync(Python, ["-c", Script, act, keys], message);

    internal static async Task<string> RunAsync(string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> said = process.StandardOutput.ReadToEndAsync(Token), complained = process.StandardError.ReadToEndAsync(Token);
        await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(input), Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Token);
        return await said + await complained;
    }
}
