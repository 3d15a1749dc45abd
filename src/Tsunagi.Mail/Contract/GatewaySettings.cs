using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Mail.Contract;

/// <summary>Settings of one subscription to <c>mail.gateway</c>: whose mail, and where it goes. Its JSON is the desired state's payload.</summary>
public sealed record GatewaySettings : ICheckedSettings
{
    public const string Kind = "mail.gateway";

    [Required, MinLength(1)]
    [Description("Domains whose mail this gateway accepts. Each must be a verified domain of the tenant.")]
    public IReadOnlyList<string> Domains { get; init; } = [];

    [Required]
    [Description("The customer's own mail server, host:port. Accepted mail is relayed there.")]
    public string NextHop { get; init; } = "";

    [Description("TLS to the next hop: opportunistic (if it offers STARTTLS), required (else the mail waits), never.")]
    public NextHopTls NextHopTls { get; init; } = NextHopTls.Opportunistic;

    [Range(64 * 1024, 1L << 30)]
    [Description("Largest message accepted, in bytes.")]
    public long MaxMessageBytes { get; init; } = 50 * 1024 * 1024;

    [Description("How a recipient is known to exist: list (an uploaded list), callAhead (the next hop is asked), listThenCallAhead.")]
    public RecipientSource Recipients { get; init; } = RecipientSource.ListThenCallAhead;

    [MaxLength(1)]
    [Description("Character after which the local part is a detail of the user (user+detail); empty when there is none. Used with the list.")]
    public string SubaddressSeparator { get; init; } = "+";

    [Range(1, 7 * 24 * 60)]
    [Description("Minutes for which a recipient the next hop accepted is not asked for again.")]
    public int CallAheadKeepMinutes { get; init; } = 240;

    [Range(1, 24 * 60)]
    [Description("Minutes for which a recipient the next hop refused is not asked for again.")]
    public int CallAheadRefusedKeepMinutes { get; init; } = 10;

    public Refusal? Check()
    {
        if (!Contract.NextHop.TryParse(NextHop, out _, out var error))
        {
            return Refusal.Invalid("mail.gateway.next-hop", "settings.nextHop", error!, "host:port, for example mx.customer.example:25");
        }

        return Domains.FirstOrDefault(static domain => MailDomain.Normalize(domain) is null) is { } wrong
            ? Refusal.Invalid("mail.gateway.domain", "settings.domains", $"'{wrong}' is not a domain name", "names such as customer.example")
            : null;
    }
}

/// <summary>TLS towards a next hop.</summary>
public enum NextHopTls
{
    Opportunistic,
    Required,
    Never,
}

/// <summary>Who says that a recipient exists. There is no "accept all": it would bounce to forged senders (RFC 5321 section 6.2).</summary>
public enum RecipientSource
{
    List,
    CallAhead,
    ListThenCallAhead,
}
