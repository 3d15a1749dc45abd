using System.Security.Cryptography;
using System.Text;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Secrets;

namespace Tsunagi.Connectivity.Lines;

/// <summary>Passwords of lines and secrets of access servers, encrypted at rest under the key of their tenant; and new ones.</summary>
internal sealed class LineSecrets(ISecretBox secrets, LineOptions options)
{
    private const string PasswordPurpose = "connectivity.password";
    private const string SecretPurpose = "connectivity.nas";

    // Without what people take for one another when they read it over the telephone.
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    public string NewPassword() => RandomNumberGenerator.GetString(Letters, options.PasswordLength);

    public ValueTask<byte[]> ProtectAsync(string tenantPath, LinePassword password, CancellationToken cancellationToken) =>
        secrets.ProtectAsync(tenantPath, PasswordPurpose, password.Value.ToArray(), cancellationToken);

    /// <summary>The password of a line; <see cref="LinePassword.None"/> where it cannot be opened any more.</summary>
    public async ValueTask<LinePassword> OpenAsync(string tenantPath, LinePasswordForm form, byte[]? box, CancellationToken cancellationToken)
    {
        if (form == LinePasswordForm.None || box is null || await secrets.UnprotectAsync(tenantPath, PasswordPurpose, box, cancellationToken) is not { } value)
        {
            return LinePassword.None;
        }

        var password = new LinePassword(form, value);
        CryptographicOperations.ZeroMemory(value);
        return password;
    }

    public ValueTask<byte[]> ProtectSecretAsync(string tenantPath, string secret, CancellationToken cancellationToken) =>
        secrets.ProtectAsync(tenantPath, SecretPurpose, Encoding.UTF8.GetBytes(secret), cancellationToken);

    public ValueTask<byte[]?> OpenSecretAsync(string tenantPath, byte[] box, CancellationToken cancellationToken) => secrets.UnprotectAsync(tenantPath, SecretPurpose, box, cancellationToken);
}
