using System.Collections.Immutable;
using System.Net;

namespace Tsunagi.Protocols.Mail.Dnsbl;

/// <summary>What a list said of an address.</summary>
/// <param name="Status">Whether it is an answer at all.</param>
/// <param name="Codes">The addresses that came, in the order they came; entries only where the status is <see cref="DnsListStatus.Listed"/>.</param>
public readonly record struct DnsListAnswer(DnsListStatus Status, ImmutableArray<IPAddress> Codes);

/// <summary>Whether a list answered, and what.</summary>
public enum DnsListStatus
{
    /// <summary>The address is not on the list.</summary>
    NotListed,
    /// <summary>It is; the codes say as what.</summary>
    Listed,
    /// <summary>A time-out, a failure: nothing is known.</summary>
    NoAnswer,
    /// <summary>The list does not answer whoever asks (127.255.255.0/24): nothing is known.</summary>
    Refused,
    /// <summary>An address that no list answers: nothing is known, and nothing it says is to be believed.</summary>
    OutOfRange,
}
