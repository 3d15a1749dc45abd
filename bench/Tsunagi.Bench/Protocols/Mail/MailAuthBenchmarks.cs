using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Bench.Protocols.Mail;

/// <summary>
/// <c>./tsunagi bench '*MailAuth*'</c>: what authenticating one message costs beside the DNS, whose answers are at hand here.
/// </summary>
[MemoryDiagnoser]
public class MailAuthBenchmarks
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private readonly Answers _dns = new();
    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private DkimPrivateKey _rsa = null!;
    private DkimPrivateKey _ed25519 = null!;
    private ReadOnlySequence<byte> _plain;
    private ReadOnlySequence<byte> _signedRsa;
    private ReadOnlySequence<byte> _signedEd25519;
    private ReadOnlySequence<byte> _large;
    private ReadOnlySequence<byte> _sealed;
    private byte[] _results = [];

    [GlobalSetup]
    public void Setup()
    {
        _rsa = DkimPrivateKey.Create(DkimAlgorithm.RsaSha256);
        _ed25519 = DkimPrivateKey.Create(DkimAlgorithm.Ed25519Sha256);
        _dns.Texts["rsa._domainkey.example.com"] = _rsa.ToRecord();
        _dns.Texts["ed._domainkey.example.com"] = _ed25519.ToRecord();
        _plain = Message(4 * 1024);
        _signedRsa = Sign(_plain, "rsa", _rsa);
        _signedEd25519 = Sign(_plain, "ed", _ed25519);
        _large = Sign(Sign(Message(1024 * 1024), "rsa", _rsa), "ed", _ed25519);
        _results = Encoding.ASCII.GetBytes(" mx.example.org; dkim=pass (2048-bit key) header.d=example.com header.s=rsa header.b=AbCdEfGh;\r\n spf=pass smtp.mailfrom=joe@example.com; dmarc=pass header.from=example.com");
        Seal();
        _sealed = new ReadOnlySequence<byte>([.. _output.WrittenSpan, .. _signedRsa.FirstSpan]);
    }

    /// <summary>A record with an include, an mx and networks: three lookups.</summary>
    [Benchmark]
    public SpfVerdict Spf() => Done(SpfCheck.RunAsync(
        new SpfQuery { ClientAddress = IPAddress.Parse("192.0.2.1"), Sender = "joe@example.com", HeloName = "mx.example.com" }, _dns, null, CancellationToken.None)).Verdict;

    /// <summary>4 KiB, one RSA-2048 signature.</summary>
    [Benchmark]
    public DkimVerdict VerifyRsa() => Done(DkimVerification.VerifyAsync(_signedRsa, _dns, Now, null, CancellationToken.None))[0].Verdict;

    /// <summary>4 KiB, one Ed25519 signature.</summary>
    [Benchmark]
    public DkimVerdict VerifyEd25519() => Done(DkimVerification.VerifyAsync(_signedEd25519, _dns, Now, null, CancellationToken.None))[0].Verdict;

    /// <summary>1 MiB, two signatures that share one hash of the body.</summary>
    [Benchmark]
    public DkimVerdict VerifyLarge() => Done(DkimVerification.VerifyAsync(_large, _dns, Now, null, CancellationToken.None))[1].Verdict;

    /// <summary>4 KiB with RSA-2048.</summary>
    [Benchmark]
    public int SignRsa() => SignWith("rsa", _rsa);

    /// <summary>4 KiB with Ed25519.</summary>
    [Benchmark]
    public int SignEd25519() => SignWith("ed", _ed25519);

    /// <summary>A chain of one set: two RSA-2048 signatures.</summary>
    [Benchmark]
    public ArcVerdict VerifyArc() => Done(ArcVerification.VerifyAsync(_sealed, _dns, Now, null, CancellationToken.None)).Verdict;

    /// <summary>Verifies and adds a set: two signatures made.</summary>
    [Benchmark]
    public int Seal()
    {
        _output.ResetWrittenCount();
        using SignedMessage message = SignedMessage.Read(_signedRsa);
        var verification = new ArcVerification(message);
        var sealing = new ArcSealing(message);
        message.AppendBodyOf(_signedRsa);
        ArcResult chain = Done(verification.CompleteAsync(_dns, Now, CancellationToken.None));
        sealing.TryComplete(new DkimSigner("example.com", "rsa", _rsa), chain, new AuthenticationResults { AuthservId = "mx.example.org" }, Now, _output);
        return _output.WrittenCount;
    }

    /// <summary>A policy of the organization, an aligned signature below it.</summary>
    [Benchmark]
    public DmarcVerdict Dmarc() => Done(DmarcCheck.RunAsync(
        new DmarcQuery { AuthorDomain = "news.example.com", Dkim = [new DkimResult { Verdict = DkimVerdict.Pass, Reason = "", Signature = new DkimSignature { Domain = "example.com" } }] },
        _dns, null, CancellationToken.None)).Verdict;

    [Benchmark]
    public bool ReadResults() => AuthenticationResults.TryParse(_results, out _, out _);

    private static T Done<T>(ValueTask<T> running) => running.IsCompletedSuccessfully
#pragma warning disable VSTHRD002 // It is complete: the answers are at hand.
        ? running.GetAwaiter().GetResult()
#pragma warning restore VSTHRD002
        : throw new InvalidOperationException("the DNS of the benchmark answers at once");

    private int SignWith(string selector, DkimPrivateKey key)
    {
        _output.ResetWrittenCount();
        DkimSigning.Sign(_plain, [new DkimSigner("example.com", selector, key)], null, Now, _output);
        return _output.WrittenCount;
    }

    private static ReadOnlySequence<byte> Sign(ReadOnlySequence<byte> message, string selector, DkimPrivateKey key)
    {
        var output = new ArrayBufferWriter<byte>();
        DkimSigning.Sign(message, [new DkimSigner("example.com", selector, key)], null, Now, output);
        return new ReadOnlySequence<byte>([.. output.WrittenSpan, .. message.FirstSpan]);
    }

    private static ReadOnlySequence<byte> Message(int octets) => new(Encoding.ASCII.GetBytes(
        "From: Joe <joe@example.com>\r\nTo: Mary <mary@example.net>\r\nSubject: figures\r\nDate: Tue, 24 Nov 2026 10:00:00 +0900\r\nMessage-ID: <a@example.com>\r\nMIME-Version: 1.0\r\n\r\n"
        + string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog, and then the dog sleeps on.\r\n", octets / 74))));

    private sealed class Answers : IMailDns
    {
        public Dictionary<string, string> Texts { get; } = new()
        {
            ["example.com"] = "v=spf1 ip4:198.51.100.0/24 include:_spf.example.com -all",
            ["_spf.example.com"] = "v=spf1 ip4:203.0.113.0/24 mx ~all",
            ["_dmarc.example.com"] = "v=DMARC1; p=reject; rua=mailto:d@example.com",
        };

        public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Texts.TryGetValue(name, out string? text) ? new MailDnsAnswer<string>(text) : new MailDnsAnswer<string>(MailDnsStatus.NameError));

        public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new MailDnsAnswer<IPAddress>(IPAddress.Parse("192.0.2.1")));

        public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new MailDnsAnswer<MailExchange>(new MailExchange(10, "mx.example.com")));

        public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new MailDnsAnswer<string>(MailDnsStatus.NameError));
    }
}
