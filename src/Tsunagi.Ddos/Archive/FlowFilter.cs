using System.Globalization;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// Which records: words of the form <c>name=value</c>, all of which must hold: <c>dst=PREFIX src=PREFIX port=N sport=N dport=N service=N|high proto=tcp|udp|icmp|N exporter=ADDRESS</c>. A port without a
/// direction is either; a service is the smaller of the two ports, and "high" where both are such as systems choose (from 32,768 on).
/// </summary>
internal sealed record FlowFilter
{
    public const string Words = "dst=PREFIX src=PREFIX port=N sport=N dport=N service=N|high proto=tcp|udp|icmp|N exporter=ADDRESS";

    public static readonly FlowFilter None = new();

    public BgpPrefix? Destination { get; init; }

    public BgpPrefix? Source { get; init; }

    public ushort? Port { get; init; }

    public ushort? SourcePort { get; init; }

    public ushort? DestinationPort { get; init; }

    /// <summary><see cref="FlowService"/></summary>
    public uint? Service { get; init; }

    public byte? Protocol { get; init; }

    public string? Exporter { get; init; }

    public bool AsksPorts => Port is not null || SourcePort is not null || DestinationPort is not null;

    public static bool TryParse(string text, out FlowFilter filter, out string wrong)
    {
        (filter, wrong) = (None, "");
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = word.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = at < 0 ? (word, "") : (word[..at], word[(at + 1)..]);
            if (With(filter, name, value) is not { } more)
            {
                wrong = word;
                return false;
            }

            filter = more;
        }

        return true;
    }

    private static FlowFilter? With(FlowFilter filter, string name, string value) => name switch
    {
        "dst" when PrefixOf(value) is { } prefix => filter with { Destination = prefix },
        "src" when PrefixOf(value) is { } prefix => filter with { Source = prefix },
        "port" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) => filter with { Port = port },
        "sport" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) => filter with { SourcePort = port },
        "dport" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) => filter with { DestinationPort = port },
        "service" when value == "high" => filter with { Service = FlowService.High },
        "service" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port < FlowService.High => filter with { Service = port },
        "proto" when ProtocolOf(value) is { } protocol => filter with { Protocol = protocol },
        "exporter" when value.Length > 0 => filter with { Exporter = value },
        _ => null,
    };

    private static BgpPrefix? PrefixOf(string text)
    {
        var whole = text.Contains('/', StringComparison.Ordinal) ? text : text + (text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");
        return BgpPrefix.TryParse(whole, out var prefix) ? prefix : null;
    }

    private static byte? ProtocolOf(string text) => text switch
    {
        "icmp" => 1,
        "tcp" => 6,
        "udp" => 17,
        "gre" => 47,
        "esp" => 50,
        "icmp6" => 58,
        _ => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
    };
}
