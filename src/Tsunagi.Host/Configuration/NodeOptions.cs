using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Secrets;

namespace Tsunagi.Host.Configuration;

/// <summary>What one node of the provider is told by its file (tsunagi.yaml). Everything has a default that works on one machine.</summary>
public sealed record NodeOptions
{
    /// <summary>Where the node keeps its stores, logs, keys and spool. Relative paths start at the file.</summary>
    [Required, MinLength(1), MaxLength(4096)]
    public string Data { get; init; } = "data";

    /// <summary>The node's lasting name among the nodes of one provider; given once, kept in the data directory.</summary>
    [RegularExpression("[a-z0-9][a-z0-9-]{0,62}")]
    public string? Name { get; init; }

    /// <summary>The modules this process runs; empty runs all.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    public ProviderOptions Provider { get; init; } = new();

    public ConsoleOptions Console { get; init; } = new();

    public StoreChoice Store { get; init; } = new();

    public LeaseChoice Lease { get; init; } = new();

    public SecretsChoice Secrets { get; init; } = new();

    public OutboundOptions Outbound { get; init; } = new();

    public TelemetryOptions Telemetry { get; init; } = new();

    public LogOptions Log { get; init; } = new();
}

/// <summary>The provider at the root of the tenant tree, made at first start.</summary>
public sealed record ProviderOptions
{
    [Required, MinLength(1), MaxLength(200)]
    public string Name { get; init; } = "Provider";

    [AllowedValues("en", "ja")]
    public string Locale { get; init; } = "en";

    /// <summary>IANA name.</summary>
    [Required]
    public string TimeZone { get; init; } = "Asia/Tokyo";

    [RegularExpression("[A-Z]{3}")]
    public string Currency { get; init; } = "JPY";

    /// <summary>E-mail of the operator made at first start.</summary>
    [MaxLength(254)]
    public string Operator { get; init; } = "operator@localhost";
}

/// <summary>Where console, portal and API listen.</summary>
public sealed record ConsoleOptions
{
    /// <summary>"address:port"; port 0 lets the system choose.</summary>
    [Required, RegularExpression(@".+:\d{1,5}")]
    public string Listen { get; init; } = "127.0.0.1:8480";

    /// <summary>Serve HTTPS with the certificate of the data directory (self-signed until you put your own there).</summary>
    public bool Https { get; init; }

    /// <summary>The address people type, for links in mails and notices; empty takes the listener's.</summary>
    [MaxLength(2048)]
    public string PublicUrl { get; init; } = "";
}

/// <summary>Which database.</summary>
public sealed record StoreChoice
{
    [AllowedValues("sqlite", "postgres")]
    public string Kind { get; init; } = "sqlite";

    /// <summary>PostgreSQL's connection string ("Host=…;Database=…;Username=…"). Its password is better in a file: see <see cref="PasswordFile"/>.</summary>
    [MaxLength(4096)]
    public string Connection { get; init; } = "";

    /// <summary>A file whose first line is the password, readable by the program alone.</summary>
    [MaxLength(4096)]
    public string PasswordFile { get; init; } = "";
}

/// <summary>How soon another node takes over what only one may do (moving events to the feed), where nodes share a database.</summary>
public sealed record LeaseChoice
{
    /// <summary>Without a sign of life for this long, the holder is taken for dead. It renews five times in this time, and stops by itself at half of it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Where the keys are that open what is encrypted in the stores.</summary>
public sealed record SecretsChoice
{
    /// <summary>
    /// The file of master keys; empty is keys/master.json in the data directory. Nodes of one provider need the same file: copy it, or mount it as a
    /// secret. It belongs in the backup, apart from the stores.
    /// </summary>
    [MaxLength(4096)]
    public string MasterFile { get; init; } = "";

    internal string FileIn(string dataDirectory) => MasterFile.Length > 0 ? MasterFile : SecretsSetup.DefaultMasterFile(dataDirectory);
}

/// <summary>Where figures go.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Address of an OTLP collector ("http://127.0.0.1:4317"), or empty for none. The Prometheus endpoint /metrics is always there.</summary>
    [MaxLength(2048)]
    public string Otlp { get; init; } = "";

    /// <summary>Part of requests whose traces are sent, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; init; } = 0.01;
}

/// <summary>How the program logs to standard error.</summary>
public sealed record LogOptions
{
    [AllowedValues("trace", "debug", "information", "warning", "error")]
    public string Level { get; init; } = "information";

    /// <summary>"text" for people, "json" for a collector.</summary>
    [AllowedValues("text", "json")]
    public string Format { get; init; } = "text";
}
