using System.Buffers.Text;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Pending;

/// <summary>What the link of a notice opens: one message of one sender, until a time.</summary>
internal sealed record PendingLink(string TenantPath, string Subscription, string Sender, string Message, long ExpiresMicros);

/// <summary>
/// Makes and reads the secret part of notices' links. It is a box of the tenant's own key (purpose <c>mail.pending.link</c>) around purpose, sender, message and expiry, so nobody can make one, turn one into
/// another's, or open by it anything but that message; destroying the key ends all of a tenant's links at once.
/// <code>
/// token   = tenant id "." base64url(box)
/// content = version(1) purpose "p" expiry subscription tenant-path sender message
/// </code>
/// </summary>
internal sealed class PendingLinks(ISecretBox secrets, GatewayContracts contracts, TimeProvider time)
{
    public const int MaxCharacters = 1_500;
    private const string Purpose = "mail.pending.link";
    private const byte Version = 1;
    private const byte OwnMessage = (byte)'p';

    public async ValueTask<string> MakeAsync(PendingLink link, CancellationToken cancellationToken)
    {
        var content = new FactsWriter();
        content.Byte(Version);
        content.Byte(OwnMessage);
        content.Number(link.ExpiresMicros);
        content.Text(link.Subscription);
        content.Text(link.TenantPath);
        content.Text(link.Sender);
        content.Text(link.Message);
        var box = await secrets.ProtectAsync(link.TenantPath, Purpose, content.Written, cancellationToken);
        return $"{TenantOf(link.TenantPath)}.{Base64Url.EncodeToString(box)}";
    }

    public async ValueTask<(LinkState State, PendingLink? Link)> ReadAsync(string token, CancellationToken cancellationToken)
    {
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        if (token.Length > MaxCharacters || dot is < 3 or > 40 || !Base64Url.IsValid(token.AsSpan(dot + 1)))
        {
            return (LinkState.Wrong, null);
        }

        var content = await secrets.UnprotectAsync(token[..dot] + "/", Purpose, Base64Url.DecodeFromChars(token.AsSpan(dot + 1)), cancellationToken);
        if (content is null || Read(content) is not { } link || TenantOf(link.TenantPath) != token[..dot])
        {
            return (LinkState.Wrong, null);
        }

        if (link.ExpiresMicros <= time.NowMicros())
        {
            return (LinkState.Expired, link);
        }

        // A tenant that was moved in the tree since then has another path.
        return (LinkState.Good, contracts.Table.BySubscription.TryGetValue(link.Subscription, out var gateway) && TenantOf(gateway.TenantPath) == token[..dot]
            ? link with { TenantPath = gateway.TenantPath }
            : link);
    }

    internal static string TenantOf(string tenantPath)
    {
        var path = tenantPath.TrimEnd('/');
        return path[(path.LastIndexOf('/') + 1)..];
    }

    private static PendingLink? Read(ReadOnlySpan<byte> content)
    {
        var from = new FactsReader(content);
        var known = from.Byte() == Version & from.Byte() == OwnMessage;
        var expires = from.Number();
        var (subscription, tenantPath, sender, message) = (from.Text(), from.Text(), from.Text(), from.Text());
        return known && !from.Failed ? new PendingLink(tenantPath, subscription, sender, message, expires) : null;
    }
}
