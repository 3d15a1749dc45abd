using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>A next hop that is silent, speaks nonsense, left, or may not be dialled. The message is a sentence for trace pages.</summary>
internal sealed class NextHopException(string message, Exception? inner) : Exception(message, inner)
{
    /// <summary>The node's policy on addresses does not let us dial it.</summary>
    public bool IsForbidden { get; init; }

    /// <summary>What it is told as; null where no connection came about, or it did not answer.</summary>
    public EnhancedStatus? Status { get; init; }

    /// <summary>TLS failed, and how: a result-type of RFC 8460 section 4.3; empty for everything else.</summary>
    public string TlsResult { get; init; } = "";
}
