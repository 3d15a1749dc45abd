using System.ComponentModel.DataAnnotations;
using System.Net;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>The intake of heartbeats: datagrams in which boxes with ARMS tell that they live, their load and their traffic.</summary>
public sealed record HeartbeatOptions : ICheckedSettings
{
    /// <summary>"address:port" of each socket; none listens nowhere, and boxes are told of no heartbeat.</summary>
    [MaxLength(5)]
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>"address:port" as boxes are told it, at most five. None: the listening addresses, and for one that is any address the one at which the box called.</summary>
    [MaxLength(5)]
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>What boxes are told: the time between two heartbeats. One that comes in less than half of it is left out.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Heartbeats that stay away before a box is told as silent; it is told as heard again after two in succession.</summary>
    [Range(2, 100)]
    public int MissedBeforeSilent { get; init; } = 3;

    /// <summary>How often what was heard is brought into the store.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan KeepEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Boxes whose state one node holds; heartbeats of one more are counted and left out.</summary>
    [Range(1, 10_000_000)]
    public int MaxBoxes { get; init; } = 200_000;

    /// <summary>Octets of heartbeats that the kernel keeps for each socket while its thread is busy.</summary>
    [Range(65_536, 268_435_456)]
    public int ReceiveBufferBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>After this long without a heartbeat a box is silent: half an interval beyond the last that was missed.</summary>
    internal TimeSpan SilentAfter => Interval * (MissedBeforeSilent + 0.5);

    public Refusal? Check() => Check(Listen, "listen", least: 0) ?? Check(Servers, "servers", least: 1);

    private static Refusal? Check(IReadOnlyList<string> addresses, string setting, int least)
    {
        for (var i = 0; i < addresses.Count; i++)
        {
            if (!IPEndPoint.TryParse(addresses[i], out var point) || point.Port < least || !addresses[i].EndsWith($":{point.Port}", StringComparison.Ordinal))
            {
                return Refusal.Invalid("routers.heartbeats.address", $"settings.{setting}[{i}]", $"\"{addresses[i]}\" is no address and port", "203.0.113.5:8444, [2001:db8::5]:8444");
            }
        }

        return null;
    }
}
