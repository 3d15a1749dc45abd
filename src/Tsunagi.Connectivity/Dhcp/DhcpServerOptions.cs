using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>What both families say of their servers alike.</summary>
public abstract record DhcpServerOptions
{
    /// <summary>Threads that answer at each address.</summary>
    [Range(1, 64)]
    public int Threads { get; init; } = 1;

    /// <summary>What the kernel may keep for each socket while the program is busy.</summary>
    [Range(64 * 1024, 1 << 30)]
    public int ReceiveBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Messages whose leases are written and not yet synced; one more is not answered, and the client sends it again.</summary>
    [Range(1, 1_000_000)]
    public int MostInFlight { get; init; } = 20_000;

    /// <summary>Messages of one line within a minute; further ones are not answered until the minute is over.</summary>
    [Range(1, 1_000_000)]
    public int MessagesPerMinute { get; init; } = 120;

    /// <summary>Addresses that one line may decline within an hour; a further one is taken back as if it had been released.</summary>
    [Range(0, 1_000)]
    public int DeclinesPerHour { get; init; } = 10;

    /// <summary>For how long what was declined is given to nobody.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan DeclinedRest { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Two messages instead of four, where the client asks for it (RFC 8415 section 18.3.1; RFC 4039).</summary>
    public bool RapidCommit { get; init; } = true;

    /// <summary>Name servers of suspended lines, which lead to the page that says why; with none, suspended lines get no address.</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> WalledGardenDnsServers { get; init; } = [];

    /// <summary>How long leases of suspended lines last, so that they see soon that all is well again.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan WalledGardenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same is told to operators once in so long.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "24:00:00")]
    public TimeSpan EventEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Clients without a line, and relays that are none, of which operators are told within an hour.</summary>
    [Range(1, 100_000)]
    public int StrangersToldPerHour { get; init; } = 60;
}
