using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Net;

namespace Tsunagi.Connectivity.RadSec;

/// <summary>Where access servers ask over TLS (RADIUS/TLS, RFC 6614): authentication and accounting by one connection.</summary>
public sealed record RadSecOptions
{
    /// <summary>"address:port" of each listener (2083 by the standard); none is off.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>
    /// PEM file of the authorities whose certificates prove the name of an access server; read again when it changes. Empty: only certificates that an access server states by their fingerprint.
    /// </summary>
    [MaxLength(1_000)]
    public string ClientAuthorities { get; init; } = "";

    public ConnectionLimitOptions Connections { get; init; } = new() { MaxConnections = 10_000, MaxPerAddress = 64 };

    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan HandshakeDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection on which nothing comes for so long is closed; who wants it kept sends Status-Server (RFC 6614 section 2.1).</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Answers that wait because the other side does not read; one more ends the connection.</summary>
    [Range(16, 100_000)]
    public int MostAnswersWaiting { get; init; } = 4_096;
}
