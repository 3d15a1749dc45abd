using System.Net;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>Who wants to send, and as whom.</summary>
public sealed record SpfQuery
{
    /// <summary>The client; an IPv4 address mapped into IPv6 is taken as IPv4 (RFC 7208 section 5).</summary>
    public required IPAddress ClientAddress { get; init; }

    /// <summary>The reverse-path without its brackets; empty for the null path, whose domain is then the HELO name.</summary>
    public string Sender { get; init; } = "";

    /// <summary>What the client said in EHLO or HELO.</summary>
    public string HeloName { get; init; } = "";

    /// <summary>The receiving host, for %{r} in explanations.</summary>
    public string ReceiverName { get; init; } = "unknown";

    /// <summary>Now, for %{t} in explanations.</summary>
    public DateTimeOffset Time { get; init; }
}
