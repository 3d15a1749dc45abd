namespace Tsunagi.Core.Secrets;

/// <summary>
/// Encrypts small things at rest: AES-256-GCM under a data key of the tenant and the purpose, which itself is wrapped by the node's master key.
/// What is protected for one tenant or purpose cannot be read as another's. Destroying a data key erases everything under it, backups included.
/// Thread-safe; completes synchronously once the data key is in memory.
/// </summary>
public interface ISecretBox
{
    /// <param name="tenantPath">Whose; the last id of the path counts, so a tenant that moves in the tree keeps its keys.</param>
    /// <param name="purpose">The class of what is protected ("identity.totp", "mail.evidence"): one data key each.</param>
    /// <remarks>Call it before a transaction, not inside one: the first use of a purpose writes the new data key.</remarks>
    ValueTask<byte[]> ProtectAsync(string tenantPath, string purpose, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken);

    /// <summary>Null when the bytes are not what <see cref="ProtectAsync"/> made for this tenant and purpose, or their key was destroyed.</summary>
    ValueTask<byte[]?> UnprotectAsync(string tenantPath, string purpose, ReadOnlyMemory<byte> box, CancellationToken cancellationToken);

    /// <summary>Erases everything protected so far for this tenant and purpose. What is protected later gets a new key. True when there was one.</summary>
    ValueTask<bool> DestroyAsync(string tenantPath, string purpose, CancellationToken cancellationToken);
}
