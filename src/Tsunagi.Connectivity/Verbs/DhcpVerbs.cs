using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>tsunagi dhcp …: messages read in place, for which no installation is needed, and the API's leases.</summary>
internal static class DhcpVerbs
{
    private const string Leases = "/api/v1/connectivity/leases";

    public static readonly IReadOnlyList<Verb> All =
    [
        new("dhcp decode", "Take messages of DHCPv4, DHCPv6 and neighbor discovery of captures or files apart", [
            new("FILE", "pcap, pcapng (also in gzip), or a file that is one message, as octets or in hexadecimal", Required: true, Many: true),
            new("--protocol", "what a file that is one message holds; told from its octets without it", Allowed: ["dhcpv4", "dhcpv6", "nd"]),
        ], DecodeAsync),
        ApiVerb.List("dhcp leases", "Leases of DHCPv6 and DHCPv4, newest first", Leases, [
            new("--text", "an id, an address, a prefix, a DUID or client id, a line, a hardware address"), new("--state", "only these", Allowed: [.. LeaseRow.States]), new("--line", "only this line's (ln_…)"), new("--pool", "only this pool's, by its name"),
        ], "id", "prefix", "state", "line=lineId", "pool", "duid", "since=sinceAt", "until=validUntil", "relay", "next hop=nextHop"),
        ApiVerb.Show("dhcp lease", "One lease of DHCPv6 or DHCPv4", Leases + "/{LEASE}", new VerbParameter("LEASE", "its id (dl_…)", Required: true)),
    ];

    private static async Task<int> DecodeAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var (messages, bad, broken) = (0, 0, false);
        if (context.Json)
        {
            await context.Out.WriteAsync('[');
        }

        foreach (var name in context.Values("FILE"))
        {
            using var file = new CaptureFile(context, name);
            while (file.Next(IsWanted) is { } message)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var report = DhcpReport.Read(message, Protocol(message, context["--protocol"]));
                messages++;
                bad += report.IsGood ? 0 : 1;
                await context.Out.WriteAsync(context.Json ? (messages > 1 ? "," : "") + report.ToJson().ToJsonString() : report.ToText());
            }

            broken |= file.IsBroken;
            foreach (var note in file.Notes())
            {
                await context.Error.WriteLineAsync(note);
            }
        }

        if (context.Json)
        {
            await context.Out.WriteLineAsync(']');
        }

        context.Say($"{messages} messages, {bad} not understood or not as their RFC has them", bad > 0 || broken ? VerbTone.Warning : VerbTone.Muted);
        return messages == 0 || broken ? 1 : 0;
    }

    private static bool IsWanted(FlowRecord record) => record.Protocol == CaptureFile.Udp
        ? IsDhcp4(record.SourcePort) || IsDhcp4(record.DestinationPort) || IsDhcp6(record.SourcePort) || IsDhcp6(record.DestinationPort)
        : record.IcmpType is (>= 133 and <= 137) or 141 or 142;

    private static DhcpProtocol Protocol(CapturedMessage message, string? stated) => (message.From, stated) switch
    {
        (null, "dhcpv4") => DhcpProtocol.Dhcp4,
        (null, "dhcpv6") => DhcpProtocol.Dhcp6,
        (null, "nd") => DhcpProtocol.Neighbor,
        (null, _) => DhcpDecoder.Guess(message.Octets),
        _ when message.Protocol == CaptureFile.Icmp6 => DhcpProtocol.Neighbor,
        _ => IsDhcp4(message.From.Port) || IsDhcp4(message.To!.Port) ? DhcpProtocol.Dhcp4 : DhcpProtocol.Dhcp6,
    };

    private static bool IsDhcp4(int port) => port is 67 or 68;

    private static bool IsDhcp6(int port) => port is 546 or 547;
}
