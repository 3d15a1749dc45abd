using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Net;

namespace Tsunagi.Mail.Milter;

/// <summary>The filter as a milter behind another mail server (Postfix <c>smtpd_milters</c>). Whoever reaches the listener is trusted as a mail server.</summary>
public sealed record MilterListenOptions
{
    /// <summary>Addresses it binds, "address:port"; none: it is off.</summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>Mail that is asked about here is only watched, whatever policies say: everything is taken as it is, and what we would have done is kept beside what another filter said. Off, policies say it (their "shadow"), for a domain at a time.</summary>
    public bool Shadow { get; init; }

    /// <summary>Wait for the server's next packet.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan PacketDeadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest packet, such as a header field with all its folds.</summary>
    [Range(65_536 + 1, 64 * 1024 * 1024)]
    public int MaxPacketBytes { get; init; } = 1024 * 1024;

    /// <summary>Recipients of one message that are judged; one more is asked to come in another.</summary>
    [Range(1, 100_000)]
    public int MaxRecipients { get; init; } = 1_000;

    public ConnectionLimitOptions Connections { get; init; } = new();
}
