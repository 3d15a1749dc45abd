using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Mail.Sasl;

namespace Tsunagi.Tests.Protocols.Mail.Sasl;

/// <summary>A client of SCRAM-SHA-256, written from RFC 5802 section 3 without the library's help.</summary>
internal sealed class Scram(string user, string secret, string nonce, string header = "n,,", byte[]? channel = null)
{
    /// <summary>The verifier of "pencil" with the salt of RFC 7677 section 3.</summary>
    public static readonly ScramVerifier Pencil = ScramVerifier.Create("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

    public string Bare => $"n={user},r={nonce}";

    public byte[] First => Encoding.UTF8.GetBytes(header + Bare);

    /// <summary>The final message, and the server's proof to expect.</summary>
    public (byte[] Final, string Proof) Answer(ReadOnlySpan<byte> serverFirst)
    {
        string text = Encoding.ASCII.GetString(serverFirst);
        string[] parts = text.Split(',');
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(secret, Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..], System.Globalization.CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        byte[] clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        string without = $"c={Convert.ToBase64String([.. Encoding.UTF8.GetBytes(header), .. channel ?? []])},{parts[0]}";
        byte[] message = Encoding.UTF8.GetBytes($"{Bare},{text},{without}");
        byte[] signature = HMACSHA256.HashData(SHA256.HashData(clientKey), message);
        byte[] proof = [.. clientKey.Zip(signature, static (a, b) => (byte)(a ^ b))];
        string server = "v=" + Convert.ToBase64String(HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), message));
        return (Encoding.UTF8.GetBytes($"{without},p={Convert.ToBase64String(proof)}"), server);
    }
}
