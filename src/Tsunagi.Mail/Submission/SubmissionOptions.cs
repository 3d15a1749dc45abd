using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Proxy;
using Tsunagi.Protocols.Mail.Sasl;

namespace Tsunagi.Mail.Submission;

/// <summary>Where customers' devices and users hand mail in after AUTH (RFC 6409). Everything else of their sessions is as <see cref="InboundOptions"/> says.</summary>
public sealed record SubmissionOptions
{
    /// <summary>Addresses for STARTTLS, "address:port", usually port 587; none: it is off.</summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>Addresses for TLS from the first octet, usually port 465 (RFC 8314).</summary>
    public IReadOnlyList<string> ListenTls { get; init; } = [];

    /// <summary>Failed authentications of one session; one more ends it.</summary>
    [Range(1, 100)]
    public int MaxFailures { get; init; } = 3;

    /// <summary>How guessing is slowed down: by credential and address, by address, by credential. A credential that fails from everywhere as often as freePerAccount says is told as an event, and so is an address at freePerAddress.</summary>
    public ThrottleOptions Throttle { get; init; } = new() { FreePerAccount = 20 };

    /// <summary>Rounds that a new secret's verifier is derived by. A check by PLAIN or LOGIN costs as many.</summary>
    [Range(ScramVerifier.LeastIterations, 1_000_000)]
    public int Iterations { get; init; } = 15_000;

    /// <summary>How often it is written when credentials were last used.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan NoteUseEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it is written what was sent, and read what other nodes sent: by so much two nodes together may pass a limit, and a node that dies forgets so much.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan CountEvery { get; init; } = TimeSpan.FromSeconds(5);

    public ConnectionLimitOptions Connections { get; init; } = new();

    public ProxyProtocolOptions Proxy { get; init; } = new();

    internal bool IsOn => Listen.Count + ListenTls.Count > 0;
}
