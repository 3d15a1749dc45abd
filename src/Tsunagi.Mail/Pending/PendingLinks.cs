using Tsunagi.Core.Secrets;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Reporting;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Pending;

/// <summary>What the link of a notice opens: one message of one sender, until a time.</summary>
internal sealed record PendingLink(string TenantPath, string Subscription, string Sender, string Message, long ExpiresMicros) : ILetterLink;

/// <summary>
/// Makes and reads the secret part of notices' links. It is a box of the tenant's own key (purpose <c>mail.pending.link</c>) around purpose, sender, message and expiry, so nobody can make one, turn one into
/// another's, or open by it anything but that message; destroying the key ends all of a tenant's links at once.
/// <code>
/// content = version(1) purpose "p" expiry subscription tenant-path sender message
/// </code>
/// </summary>
internal sealed class PendingLinks(ISecretBox secrets, GatewayContracts contracts, TimeProvider time) : LetterLinks<PendingLink>(secrets, contracts, time, "mail.pending.link")
{
    private const byte Version = 1;
    private const byte OwnMessage = (byte)'p';

    public ValueTask<string> MakeAsync(PendingLink link, CancellationToken cancellationToken)
    {
        var content = new FactsWriter();
        content.Byte(Version);
        content.Byte(OwnMessage);
        content.Number(link.ExpiresMicros);
        content.Text(link.Subscription);
        content.Text(link.TenantPath);
        content.Text(link.Sender);
        content.Text(link.Message);
        return SealAsync(link.TenantPath, content.Written, cancellationToken);
    }

    protected override PendingLink? Read(ReadOnlySpan<byte> content)
    {
        var from = new FactsReader(content);
        var known = from.Byte() == Version & from.Byte() == OwnMessage;
        var expires = from.Number();
        var (subscription, tenantPath, sender, message) = (from.Text(), from.Text(), from.Text(), from.Text());
        return known && !from.Failed ? new PendingLink(tenantPath, subscription, sender, message, expires) : null;
    }

    protected override PendingLink Moved(PendingLink link, string tenantPath) => link with { TenantPath = tenantPath };
}
