namespace Tsunagi.Mail.Spool;

/// <summary>What a next hop must be able to take, and how the message came to us.</summary>
[Flags]
internal enum MessageFlags : byte
{
    None = 0,

    /// <summary>The envelope or the header needs SMTPUTF8 (RFC 6531).</summary>
    Utf8 = 1,

    /// <summary>The content holds bytes above 127, so the next hop must offer 8BITMIME (RFC 6152).</summary>
    EightBit = 2,

    /// <summary>Came over TLS.</summary>
    Tls = 4,

    /// <summary>Accepted while the subscription was held: kept, not delivered until the hold is lifted.</summary>
    Held = 8,

    /// <summary>A report of ours (RFC 3464), not a message a customer's peer gave us: neither metered nor reported on again.</summary>
    Report = 16,

    /// <summary>Released from the quarantine: metered when it first came, and never asked of its client again.</summary>
    Released = 32,

    /// <summary>A customer's own server sent it to others: it leaves by our smarthost or by MX, signed where its From is the customer's. Together with <see cref="Report"/>: a report of ours to another domain; one about TLS bears the subscription that signs it, and has a lane that its receiver's policies do not bar.</summary>
    Outbound = 64,

    /// <summary>For the address of reports about customers' domains: its next hop is the intake of this node, whatever the configuration says later.</summary>
    Feedback = 128,
}
