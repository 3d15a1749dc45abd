using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Proxy;
using Tsunagi.Mail.Milter;
using Tsunagi.Mail.Pending;

namespace Tsunagi.Mail;

/// <summary>The section <c>mail</c> of the program's configuration. What a customer bought is not here: that is the contract (GatewaySettings).</summary>
public sealed record MailOptions
{
    /// <summary>Addresses the SMTP listener binds, "address:port"; port 0 lets the system choose.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["127.0.0.1:2525"];

    /// <summary>Our name in greetings and trace headers; empty takes the machine's.</summary>
    [MaxLength(253)]
    public string HostName { get; init; } = "";

    /// <summary>Where the spool lies: a directory directly below the data directory (the log makes the names of three levels durable), or an absolute path.</summary>
    [Required]
    public string SpoolDirectory { get; init; } = "mail";

    /// <summary>
    /// Host:port that takes mail for others (what customers' servers send, our reports to senders), unless it leaves by MX (<see cref="Outbound"/>); empty: customers send nothing through us, and such reports wait.
    /// </summary>
    public string Smarthost { get; init; } = "";

    /// <summary>Address that mail for the bare <c>postmaster</c> is sent to; empty keeps it in the queue.</summary>
    public string Postmaster { get; init; } = "";

    public SpoolOptions Spool { get; init; } = new();

    /// <summary>Wait before a spool whose disk failed is opened again; doubled up to a minute while that fails.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ReopenAfter { get; init; } = TimeSpan.FromSeconds(1);

    public TraceOptions Trace { get; init; } = new();

    /// <summary>How long a message's content stays open to somebody above its tenant who gave a reason.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "24:00:00")]
    public TimeSpan ContentOpenFor { get; init; } = TimeSpan.FromMinutes(30);

    public QuarantineOptions Quarantine { get; init; } = new();

    public PendingOptions Pending { get; init; } = new();

    public WhatIf.WhatIfOptions WhatIf { get; init; } = new();

    public InboundOptions Inbound { get; init; } = new();

    public Submission.SubmissionOptions Submission { get; init; } = new();

    public Checks.FilterOptions Filter { get; init; } = new();

    /// <summary>Address of the page that explains to senders why their mail was refused, ending in a slash: it stands in the refusal, with the code behind it. Empty: no page is named.</summary>
    [MaxLength(200)]
    public string WhyUrl { get; init; } = "";

    public DeliveryOptions Delivery { get; init; } = new();

    public Routes.DepartureOptions Outbound { get; init; } = new();

    public Routes.TlsReportOptions TlsReports { get; init; } = new();

    public Reporting.Dmarc.DmarcReportOptions DmarcReports { get; init; } = new();

    public Signing.SigningOptions Signing { get; init; } = new();

    public Directories.DirectoryOptions Directories { get; init; } = new();

    public MilterListenOptions Milter { get; init; } = new();

    public Checkv2.Checkv2ListenOptions Checkv2 { get; init; } = new();

    public Shadow.ShadowOptions Shadow { get; init; } = new();

    public Reports.ReportOptions Reports { get; init; } = new();

    /// <summary>
    /// Takes copies only: any recipient of a served domain is accepted without asking anybody, everything is kept, and nothing is delivered, bounced or
    /// dialled but on request. For <c>tsunagi try mail</c>.
    /// </summary>
    public bool DryRun { get; init; }

    /// <summary>Who reports is said, and there is a way out for reports: without one, nothing is counted that could never be told.</summary>
    internal bool SendsDmarcReports => DmarcReports.IsOn && !DryRun && (Outbound.Route != Routes.DepartureRoute.Smarthost || Smarthost.Length > 0);

    internal string OwnName => HostName.Length > 0 ? HostName : System.Net.Dns.GetHostName();
}

/// <summary>Limits of SMTP sessions with clients. Each is refused at one past it.</summary>
public sealed record InboundOptions
{
    /// <summary>Largest message of any tenant, as EHLO's SIZE says it; a tenant's own limit may be smaller.</summary>
    [Range(64 * 1024, 1L << 31)]
    public long MaxMessageBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>Recipients of one transaction (RFC 5321 section 4.5.3.1.8 asks for 100 at least).</summary>
    [Range(100, 10_000)]
    public int MaxRecipients { get; init; } = 1_000;

    /// <summary>NOOP, RSET, EHLO and their like between two accepted messages.</summary>
    [Range(20, 100_000)]
    public int MaxIdleCommands { get; init; } = 100;

    /// <summary>Commands refused as wrong, after which the session is closed.</summary>
    [Range(1, 1_000)]
    public int MaxErrors { get; init; } = 20;

    /// <summary>Refused recipients after which the session is closed: the brake on guessing addresses.</summary>
    [Range(1, 100_000)]
    public int MaxRefusedRecipients { get; init; } = 100;

    /// <summary>Longest command line in octets, its CRLF included.</summary>
    [Range(512, 65_536)]
    public int MaxLineOctets { get; init; } = 2_048;

    /// <summary>Messages of one session.</summary>
    [Range(1, 1_000_000)]
    public int MaxMessages { get; init; } = 100_000;

    /// <summary>Wait for the next command (RFC 5321 section 4.5.3.2.7 asks for 5 minutes at least).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan CommandDeadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait for the next bytes of the content.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ContentDeadline { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Longest session, whatever it does.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan SessionDeadline { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Lowest mean rate of a content transfer, counted after <see cref="SlowPeerGrace"/>.</summary>
    [Range(0, 1_000_000)]
    public int MinBytesPerSecond { get; init; } = 128;

    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SlowPeerGrace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Trace headers after which a message is taken to go in circles (RFC 5321 section 6.3).</summary>
    [Range(10, 1_000)]
    public int MaxReceivedHeaders { get; init; } = 30;

    /// <summary>Trace headers of this very gateway after which a message is taken to go in circles.</summary>
    [Range(1, 100)]
    public int MaxOwnHeaders { get; init; } = 2;

    /// <summary>How long a TLS handshake may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan TlsDeadline { get; init; } = TimeSpan.FromSeconds(30);

    public ConnectionLimitOptions Connections { get; init; } = new();

    /// <summary>How senders that are not known are put off, where a policy has that on.</summary>
    public Greylist.GreylistOptions Greylist { get; init; } = new();

    /// <summary>Wait before the greeting, in which only a program that sends nothing but spam speaks; 0: what was said before the greeting all the same is noticed, and nobody waits.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan GreetDelay { get; init; }

    /// <summary>How often one client address may connect and bring messages.</summary>
    public Limits.ClientLimitOptions Clients { get; init; } = new();

    public ProxyProtocolOptions Proxy { get; init; } = new();

    /// <summary>Networks of proxies that may say by XCLIENT who their client is (Postfix, nginx); none: it is not offered. By the gateway's own listener alone, and nobody is authenticated by it.</summary>
    public IReadOnlyList<System.Net.IPNetwork> XclientFrom { get; init; } = [];
}

/// <summary>How long the story of a message is kept.</summary>
public sealed record TraceOptions
{
    /// <summary>Days after acceptance for which a finished message stays in the trace. What is billed lies in the meters and is not
    /// touched; <c>meter verify</c> derives a month again from the trace, so it needs that month.</summary>
    [Range(35, 3_650)]
    public int KeepDays { get; init; } = 90;

    /// <summary>How often what is older is taken out.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Messages of one transaction of the sweep: the projections' writer has others to serve.</summary>
    [Range(1, 10_000)]
    public int SweepTogether { get; init; } = 200;
}

/// <summary>How the node keeps held mail. For how many days each class is kept is the contract's.</summary>
public sealed record QuarantineOptions
{
    /// <summary>Where the files lie: a directory directly below the data directory.</summary>
    [Required, RegularExpression("[A-Za-z0-9._-]{1,64}")]
    public string Directory { get; init; } = "quarantine";

    /// <summary>Days for which the row of a copy that was released, deleted or expired is kept, to be found and shown.</summary>
    [Range(1, 3_650)]
    public int KeepEndedDays { get; init; } = 30;

    /// <summary>How often what is over is ended.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the link of a digest opens its recipient's page.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")]
    public TimeSpan LinkLife { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Messages that a digest lists; the rest is on the page.</summary>
    [Range(1, 500)]
    public int DigestMessages { get; init; } = 50;

    /// <summary>How often the node looks whether digests are due.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DigestEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Acts of one link in a minute; one more is asked to wait.</summary>
    [Range(1, 10_000)]
    public int LinkActsPerMinute { get; init; } = 120;

    /// <summary>Wrong links from one network in a minute; one more is asked to wait.</summary>
    [Range(1, 10_000)]
    public int WrongLinksPerMinute { get; init; } = 20;

    /// <summary>Address in the From field of digests; empty: quarantine@ our name.</summary>
    [MaxLength(254)]
    public string From { get; init; } = "";
}

/// <summary>How mail leaves.</summary>
public sealed record DeliveryOptions
{
    [Range(1, 10_000)]
    public int MaxConnections { get; init; } = 200;

    [Range(1, 1_000)]
    public int MaxConnectionsPerNextHop { get; init; } = 20;

    /// <summary>First and longest wait between attempts of one message.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "24:00:00")]
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMinutes(5);

    [Range(typeof(TimeSpan), "00:00:00.100", "24:00:00")]
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromHours(4);

    /// <summary>First and longest wait before a next hop that does not answer is asked again. One connection asks for all the mail that waits.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "24:00:00")]
    public TimeSpan FirstProbe { get; init; } = TimeSpan.FromSeconds(30);

    [Range(typeof(TimeSpan), "00:00:00.100", "24:00:00")]
    public TimeSpan LongestProbe { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a message is tried before its sender is told that it failed (RFC 5321 section 4.5.4.1: 4 to 5 days).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan QueueLife { get; init; } = TimeSpan.FromDays(5);

    /// <summary>How long a next hop does not answer before that is told as an event; shorter silences are not worth waking somebody.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan AwayAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long it must answer again before the outage is told to be over; one that comes and goes is one outage.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan BackAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a connection without work is kept for the next message.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan IdleConnection { get; init; } = TimeSpan.FromSeconds(5);

    [Range(1, 1_000_000)]
    public int MaxMessagesPerConnection { get; init; } = 10_000;

    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Wait for the reply to a command (RFC 5321 section 4.5.3.2).</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ReplyDeadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait for each block of content to be taken.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ContentDeadline { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Wait for the reply to the final dot (RFC 5321 section 4.5.3.2.6: 10 minutes; less makes duplicates).</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan FinalReplyDeadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Wait for a next hop's answer whether a recipient exists, while the client waits for ours.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan CallAheadDeadline { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Most answers about recipients kept in memory.</summary>
    [Range(100, 10_000_000)]
    public int CallAheadEntries { get; init; } = 200_000;
}
