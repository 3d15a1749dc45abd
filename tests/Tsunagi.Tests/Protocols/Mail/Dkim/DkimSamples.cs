using System.Buffers;
using System.Text;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Dkim;

/// <summary>Messages and keys that the tests of signatures share. The keys are made for the tests, or published in the RFCs.</summary>
internal static class DkimSamples
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    public const string Plain = "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\n"
        + "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\nMessage-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

    // RFC 8463 appendix A
    public const string Rfc8463Zone = "txt-records:\n  brisbane._domainkey.football.example.com: v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
        + "  test._domainkey.football.example.com: v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n";

    public const string Rfc8463Signatures = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n"
        + " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
        + "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n date : message-id : from : subject : date;\r\n"
        + " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n";

    private static readonly Lazy<DkimPrivateKey> LazyRsa = new(() => DkimPrivateKey.Create(DkimAlgorithm.RsaSha256));

    // RFC 8463 appendix A.2
    public static DkimPrivateKey Ed25519 { get; } = DkimPrivateKey.FromEd25519(Convert.FromBase64String("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="));

    public static DkimPrivateKey Rsa => LazyRsa.Value;

    public static DkimSigner RsaSigner => new("example.com", "rsa", Rsa);

    public static DkimSigner Ed25519Signer => new("example.com", "ed", Ed25519);

    /// <summary>The keys of the two signers, and what a test adds to them.</summary>
    public static ZoneFile Zone(string more = "") =>
        ZoneFile.Read($"txt-records:\n  rsa._domainkey.example.com: {Rsa.ToRecord()}\n  ed._domainkey.example.com: {Ed25519.ToRecord()}\n{more}");

    /// <summary>The keys of the two signers, also as those of lists.example.net, for fuzz targets.</summary>
    public static FixedDns Keys() => new(
        ("rsa._domainkey.example.com", Rsa.ToRecord()), ("ed._domainkey.example.com", Ed25519.ToRecord()), ("ed._domainkey.lists.example.net", Ed25519.ToRecord()));

    public static ReadOnlySequence<byte> Sequence(string message) => new(Encoding.UTF8.GetBytes(message));

    public static string Sign(string message, DkimSigningOptions? options = null, params DkimSigner[] signers)
    {
        var output = new ArrayBufferWriter<byte>();
        DkimSigning.Sign(Sequence(message), signers, options, Now, output);
        return Encoding.UTF8.GetString(output.WrittenSpan) + message;
    }

    public static async Task<IReadOnlyList<DkimResult>> Verify(string message, ZoneFile? zone = null, DkimOptions? options = null, DateTimeOffset? now = null) =>
        await DkimVerification.VerifyAsync(Sequence(message), zone ?? Zone(), now ?? Now, options, CancellationToken.None);

    /// <summary>A signature over what the caller chose, however wrong, by the Ed25519 key.</summary>
    public static string SignAs(string tags, string message, string? body = null)
    {
        string bodyHash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(body ?? message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])));
        string unsigned = $"DKIM-Signature: {tags} bh={bodyHash}; b=";
        HeaderSection header = HeaderSection.Read(Sequence(unsigned + "AAAA\r\n" + message));
        string names = tags[(tags.IndexOf("h=", StringComparison.Ordinal) + 2)..];
        var hashed = new ArrayBufferWriter<byte>();
        HeaderCanonicalizer.WriteSigned(header, names[..names.IndexOf(';', StringComparison.Ordinal)].Split(':', StringSplitOptions.TrimEntries), Canonicalization.Simple, 0, hashed);
        hashed.Write(Encoding.UTF8.GetBytes(unsigned));
        return unsigned + Convert.ToBase64String(Ed25519.Sign(System.Security.Cryptography.SHA256.HashData(hashed.WrittenSpan))) + "\r\n" + message;
    }
}
