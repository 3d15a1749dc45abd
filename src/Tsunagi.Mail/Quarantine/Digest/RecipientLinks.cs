using System.Buffers.Text;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Quarantine.Digest;

/// <summary>
/// Makes and reads the secret part of digest links. It is a box of the tenant's own key (purpose <c>mail.quarantine.link</c>) around purpose, recipient and expiry, so nobody
/// can make one or turn one into another's, and destroying the key ends all of a tenant's links at once.
/// <code>
/// token   = tenant id "." base64url(box)
/// content = version(1) purpose "d" expiry subscription tenant-path recipient
/// </code>
/// </summary>
internal sealed class RecipientLinks(ISecretBox secrets, GatewayContracts contracts, MailOptions options, TimeProvider time)
{
    public const int MaxCharacters = 1_500;
    private const string Purpose = "mail.quarantine.link";
    private const byte Version = 1;
    private const byte OwnMail = (byte)'d';

    public async ValueTask<string> MakeAsync(string tenantPath, string subscription, string recipient, CancellationToken cancellationToken)
    {
        var content = new FactsWriter();
        content.Byte(Version);
        content.Byte(OwnMail);
        content.Number(time.NowMicros() + (long)options.Quarantine.LinkLife.TotalMicroseconds);
        content.Text(subscription);
        content.Text(tenantPath);
        content.Text(recipient);
        var box = await secrets.ProtectAsync(tenantPath, Purpose, content.Written, cancellationToken);
        return $"{TenantOf(tenantPath)}.{Base64Url.EncodeToString(box)}";
    }

    public async ValueTask<(LinkState State, RecipientLink? Link)> ReadAsync(string token, CancellationToken cancellationToken)
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

    private static RecipientLink? Read(ReadOnlySpan<byte> content)
    {
        var from = new FactsReader(content);
        var known = from.Byte() == Version & from.Byte() == OwnMail;
        var expires = from.Number();
        var link = new RecipientLink("", from.Text(), "", expires);
        link = link with { TenantPath = from.Text(), Recipient = from.Text() };
        return known && !from.Failed ? link : null;
    }

    private static string TenantOf(string tenantPath)
    {
        var path = tenantPath.TrimEnd('/');
        return path[(path.LastIndexOf('/') + 1)..];
    }
}
