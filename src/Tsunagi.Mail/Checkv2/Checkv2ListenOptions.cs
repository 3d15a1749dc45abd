using System.ComponentModel.DataAnnotations;
using System.Net;
using Tsunagi.Core.Net;

namespace Tsunagi.Mail.Checkv2;

/// <summary>The filter behind Rspamd's own protocol, for what asks an Rspamd today: rspamd_proxy, Exim, rspamc. Who is allowed is trusted as a mail server.</summary>
public sealed record Checkv2ListenOptions
{
    /// <summary>Addresses it binds, "address:port"; none: it is off.</summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>Mail that is asked about here is only watched, whatever policies say: everything is taken as it is, and what we would have done is kept beside what another filter said. Off, policies say it (their "shadow"), for a domain at a time.</summary>
    public bool Shadow { get; init; }

    /// <summary>Networks of the mail servers that may ask; everybody else is refused.</summary>
    public IReadOnlyList<IPNetwork> Allow { get; init; } = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    /// <summary>Longest message; one octet more is refused (413).</summary>
    [Range(64 * 1024, 1L << 31)]
    public long MaxMessageBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>Longest header section; one octet more is refused (413).</summary>
    [Range(64 * 1024, 64 * 1024 * 1024)]
    public int MaxHeaderBytes { get; init; } = 1024 * 1024;

    /// <summary>Recipients of one message that are judged; one more is refused (400).</summary>
    [Range(1, 100_000)]
    public int MaxRecipients { get; init; } = 1_000;

    /// <summary>For a message to come and to be judged.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(2);

    public ConnectionLimitOptions Connections { get; init; } = new();
}
