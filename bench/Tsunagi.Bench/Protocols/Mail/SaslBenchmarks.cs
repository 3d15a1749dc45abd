using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Mail.Sasl;

namespace Tsunagi.Bench.Protocols.Mail;

/// <summary><c>./tsunagi bench '*Sasl*'</c>: reading the messages, and what one authentication costs the server, by SCRAM and by PLAIN with as many rounds as a new secret has.</summary>
[MemoryDiagnoser]
public class SaslBenchmarks
{
    private const string Nonce = "3rfcNHYJY1ZVvWVs7j";
    private readonly ScramVerifier _verifier = ScramVerifier.Create("pencil", new byte[16], 15_000);
    private readonly byte[] _plain = Encoding.ASCII.GetBytes("\0scanner@one.example\0pencil");
    private readonly byte[] _first = Encoding.ASCII.GetBytes("n,,n=scanner@one.example,r=rOprNGfwEbeRWgbNEkqO");
    private byte[] _final = [];

    [GlobalSetup]
    public void Sign()
    {
        var serverFirst = $"r=rOprNGfwEbeRWgbNEkqO{Nonce},s={Convert.ToBase64String(new byte[16])},i=15000";
        var salted = Rfc2898DeriveBytes.Pbkdf2("pencil", new byte[16], 15_000, HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var without = $"c=biws,r=rOprNGfwEbeRWgbNEkqO{Nonce}";
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), Encoding.ASCII.GetBytes($"n=scanner@one.example,r=rOprNGfwEbeRWgbNEkqO,{serverFirst},{without}"));
        _final = Encoding.ASCII.GetBytes($"{without},p={Convert.ToBase64String([.. clientKey.Zip(signature, static (a, b) => (byte)(a ^ b))])}");
    }

    [Benchmark]
    public bool ReadPlain() => PlainMessage.TryParse(_plain, out _);

    [Benchmark]
    public bool ReadFirst() => ScramClientFirst.TryParse(_first, out _);

    [Benchmark]
    public bool ReadFinal() => ScramClientFinal.TryParse(_final, out _);

    [Benchmark]
    public SaslStepKind Scram()
    {
        var exchange = new SaslExchange(SaslMechanism.ScramSha256, default, Nonce);
        exchange.Begin(_first, hasInitial: true);
        exchange.Answer(_verifier, known: true);
        exchange.Handle(_final);
        return exchange.Handle([]).Kind;
    }

    [Benchmark]
    public SaslStepKind Plain()
    {
        var exchange = new SaslExchange(SaslMechanism.Plain, default, Nonce);
        exchange.Begin(_plain, hasInitial: true);
        return exchange.Answer(_verifier, known: true).Kind;
    }
}
