using Tsunagi.Core.Secrets;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Reporting;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Quarantine.Digest;

/// <summary>
/// Makes and reads the secret part of digest links. It is a box of the tenant's own key (purpose <c>mail.quarantine.link</c>) around purpose, recipient and expiry, so nobody
/// can make one or turn one into another's, and destroying the key ends all of a tenant's links at once.
/// <code>
/// content = version(1) purpose "d" expiry subscription tenant-path recipient
/// </code>
/// </summary>
internal sealed class RecipientLinks(ISecretBox secrets, GatewayContracts contracts, MailOptions options, TimeProvider time) : LetterLinks<RecipientLink>(secrets, contracts, time, "mail.quarantine.link")
{
    private const byte Version = 1;
    private const byte OwnMail = (byte)'d';

    public ValueTask<string> MakeAsync(string tenantPath, string subscription, string recipient, CancellationToken cancellationToken)
    {
        var content = new FactsWriter();
        content.Byte(Version);
        content.Byte(OwnMail);
        content.Number(Time.NowMicros() + (long)options.Quarantine.LinkLife.TotalMicroseconds);
        content.Text(subscription);
        content.Text(tenantPath);
        content.Text(recipient);
        return SealAsync(tenantPath, content.Written, cancellationToken);
    }

    protected override RecipientLink? Read(ReadOnlySpan<byte> content)
    {
        var from = new FactsReader(content);
        var known = from.Byte() == Version & from.Byte() == OwnMail;
        var expires = from.Number();
        var link = new RecipientLink("", from.Text(), "", expires);
        link = link with { TenantPath = from.Text(), Recipient = from.Text() };
        return known && !from.Failed ? link : null;
    }

    protected override RecipientLink Moved(RecipientLink link, string tenantPath) => link with { TenantPath = tenantPath };
}
