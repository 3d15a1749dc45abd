using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Tsunagi.Core.Secrets;

/// <summary>
/// What the framework protects its own small things with (antiforgery tokens of forms). The framework would keep keys of its own in files of each node; this
/// takes one key that all nodes of a provider derive from the store, so that a form of one node can be sent to another.
/// </summary>
internal sealed class FormProtection(byte[] key) : IDataProtector
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public IDataProtector CreateProtector(string purpose) =>
        new FormProtection(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: Encoding.UTF8.GetBytes(purpose)));

    public byte[] Protect(byte[] plaintext)
    {
        var box = new byte[NonceBytes + plaintext.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var gcm = new AesGcm(key, TagBytes);
        gcm.Encrypt(box.AsSpan(0, NonceBytes), plaintext, box.AsSpan(NonceBytes, plaintext.Length), box.AsSpan(NonceBytes + plaintext.Length));
        return box;
    }

    /// <exception cref="CryptographicException">It is not what this protector protected: the framework's contract.</exception>
    public byte[] Unprotect(byte[] protectedData)
    {
        if (protectedData.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException("the protected text is too short");
        }

        var plain = new byte[protectedData.Length - NonceBytes - TagBytes];
        using var gcm = new AesGcm(key, TagBytes);
        gcm.Decrypt(protectedData.AsSpan(0, NonceBytes), protectedData.AsSpan(NonceBytes, plain.Length), protectedData.AsSpan(NonceBytes + plain.Length), plain);
        return plain;
    }
}
