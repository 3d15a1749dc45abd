using System.Collections.Frozen;

namespace Tsunagi.Protocols.Cpe.DataModel;

/// <summary>Which data model a device speaks, by the root of its tree.</summary>
public enum DataModelRoot
{
    /// <summary>Neither is known yet.</summary>
    Unknown,

    /// <summary>TR-098: InternetGatewayDevice.</summary>
    Tr098,

    /// <summary>TR-181: Device.</summary>
    Tr181,
}

/// <summary>
/// One thing under one name, wherever the two data models put it. A pattern is a full path below the root with {i} for instance numbers; the first pattern that a
/// device has counts.
/// </summary>
/// <param name="Name">"wifi.channel".</param>
/// <param name="Tr098">Patterns below InternetGatewayDevice.; none when TR-098 has no such thing.</param>
/// <param name="Tr181">Patterns below Device.</param>
/// <param name="Scale">By what the number is multiplied to be in <paramref name="Unit"/>; 1 leaves it as it is.</param>
/// <param name="Unit">"dB", "dBm", "kbit/s", "s"; empty for texts.</param>
public sealed record ParameterName(string Name, IReadOnlyList<string> Tr098, IReadOnlyList<string> Tr181, double Scale = 1, string Unit = "");

/// <summary>The one set of names over TR-098 and TR-181. What is not in it is reached by its path.</summary>
public static class ParameterNames
{
    private const string Ip = "WANDevice.{i}.WANConnectionDevice.{i}.WANIPConnection.{i}.";
    private const string Ppp = "WANDevice.{i}.WANConnectionDevice.{i}.WANPPPConnection.{i}.";
    private const string Dsl = "WANDevice.{i}.WANDSLInterfaceConfig.";
    private const string Wlan = "LANDevice.{i}.WLANConfiguration.{i}.";
    private const string Host = "LANDevice.{i}.Hosts.Host.{i}.";
    private const string Ping098 = "IPPingDiagnostics.";
    private const string Ping181 = "IP.Diagnostics.IPPing.";
    private const string Trace098 = "TraceRouteDiagnostics.";
    private const string Trace181 = "IP.Diagnostics.TraceRoute.";

    /// <summary>Every name, grouped by its first word.</summary>
    public static IReadOnlyList<ParameterName> All { get; } =
    [
        Both("device.manufacturer", "DeviceInfo.Manufacturer"),
        Both("device.model", "DeviceInfo.ModelName"),
        Both("device.product-class", "DeviceInfo.ProductClass"),
        Both("device.serial", "DeviceInfo.SerialNumber"),
        Both("device.hardware", "DeviceInfo.HardwareVersion"),
        Both("device.software", "DeviceInfo.SoftwareVersion"),
        Both("device.provisioning-code", "DeviceInfo.ProvisioningCode"),
        Both("device.uptime", "DeviceInfo.UpTime") with { Unit = "s" },
        Both("device.cpu", "DeviceInfo.ProcessStatus.CPUUsage") with { Unit = "%" },
        Both("device.memory-total", "DeviceInfo.MemoryStatus.Total") with { Unit = "KiB" },
        Both("device.memory-free", "DeviceInfo.MemoryStatus.Free") with { Unit = "KiB" },
        new("device.log", ["DeviceInfo.DeviceLog"], []),

        Both("acs.url", "ManagementServer.URL"),
        Both("acs.inform", "ManagementServer.PeriodicInformEnable"),
        Both("acs.inform-interval", "ManagementServer.PeriodicInformInterval") with { Unit = "s" },
        Both("acs.connection-request-url", "ManagementServer.ConnectionRequestURL"),
        Both("acs.connection-request-user", "ManagementServer.ConnectionRequestUsername"),
        Both("acs.parameter-key", "ManagementServer.ParameterKey"),

        new("wan.status", [Ppp + "ConnectionStatus", Ip + "ConnectionStatus"], ["PPP.Interface.{i}.ConnectionStatus", "IP.Interface.{i}.Status"]),
        new("wan.address", [Ppp + "ExternalIPAddress", Ip + "ExternalIPAddress"], ["PPP.Interface.{i}.IPCP.LocalIPAddress", "IP.Interface.{i}.IPv4Address.{i}.IPAddress"]),
        new("wan.gateway", [Ppp + "DefaultGateway", Ip + "DefaultGateway"], ["PPP.Interface.{i}.IPCP.RemoteIPAddress", "DHCPv4.Client.{i}.IPRouters"]),
        new("wan.dns", [Ppp + "DNSServers", Ip + "DNSServers"], ["PPP.Interface.{i}.IPCP.DNSServers", "DHCPv4.Client.{i}.DNSServers"]),
        new("wan.uptime", [Ppp + "Uptime", Ip + "Uptime"], ["PPP.Interface.{i}.LastChange", "IP.Interface.{i}.LastChange"], Unit: "s"),
        new("wan.last-error", [Ppp + "LastConnectionError", Ip + "LastConnectionError"], ["PPP.Interface.{i}.LastConnectionError"]),
        new("wan.user", [Ppp + "Username"], ["PPP.Interface.{i}.Username"]),
        new("wan.link", ["WANDevice.{i}.WANCommonInterfaceConfig.PhysicalLinkStatus"], ["Ethernet.Interface.{i}.Status"]),

        new("dsl.status", [Dsl + "Status"], ["DSL.Line.{i}.Status"]),
        new("dsl.rate-down", [Dsl + "DownstreamCurrRate"], ["DSL.Channel.{i}.DownstreamCurrRate"], Unit: "kbit/s"),
        new("dsl.rate-up", [Dsl + "UpstreamCurrRate"], ["DSL.Channel.{i}.UpstreamCurrRate"], Unit: "kbit/s"),
        new("dsl.rate-max-down", [Dsl + "DownstreamMaxRate"], ["DSL.Line.{i}.DownstreamMaxBitRate"], Unit: "kbit/s"),
        new("dsl.rate-max-up", [Dsl + "UpstreamMaxRate"], ["DSL.Line.{i}.UpstreamMaxBitRate"], Unit: "kbit/s"),
        new("dsl.margin-down", [Dsl + "DownstreamNoiseMargin"], ["DSL.Line.{i}.DownstreamNoiseMargin"], 0.1, "dB"),
        new("dsl.margin-up", [Dsl + "UpstreamNoiseMargin"], ["DSL.Line.{i}.UpstreamNoiseMargin"], 0.1, "dB"),
        new("dsl.attenuation-down", [Dsl + "DownstreamAttenuation"], ["DSL.Line.{i}.DownstreamAttenuation"], 0.1, "dB"),
        new("dsl.attenuation-up", [Dsl + "UpstreamAttenuation"], ["DSL.Line.{i}.UpstreamAttenuation"], 0.1, "dB"),
        new("dsl.power-down", [Dsl + "DownstreamPower"], ["DSL.Line.{i}.DownstreamPower"], 0.1, "dBm"),
        new("dsl.power-up", [Dsl + "UpstreamPower"], ["DSL.Line.{i}.UpstreamPower"], 0.1, "dBm"),

        // TR-098 has no optical interface. TR-181 counts thousandths of a dBm.
        new("optical.status", [], ["Optical.Interface.{i}.Status"]),
        new("optical.received", [], ["Optical.Interface.{i}.OpticalSignalLevel"], 0.001, "dBm"),
        new("optical.sent", [], ["Optical.Interface.{i}.TransmitOpticalLevel"], 0.001, "dBm"),

        new("wifi.enabled", [Wlan + "Enable"], ["WiFi.SSID.{i}.Enable"]),
        new("wifi.ssid", [Wlan + "SSID"], ["WiFi.SSID.{i}.SSID"]),
        new("wifi.channel", [Wlan + "Channel"], ["WiFi.Radio.{i}.Channel"]),
        new("wifi.channel-auto", [Wlan + "AutoChannelEnable"], ["WiFi.Radio.{i}.AutoChannelEnable"]),
        new("wifi.band", [], ["WiFi.Radio.{i}.OperatingFrequencyBand"]),
        new("wifi.standard", [Wlan + "Standard"], ["WiFi.Radio.{i}.OperatingStandards"]),
        new("wifi.security", [Wlan + "BeaconType"], ["WiFi.AccessPoint.{i}.Security.ModeEnabled"]),
        new("wifi.password", [Wlan + "KeyPassphrase", Wlan + "PreSharedKey.{i}.KeyPassphrase"], ["WiFi.AccessPoint.{i}.Security.KeyPassphrase"]),
        new("wifi.stations", [Wlan + "TotalAssociations"], ["WiFi.AccessPoint.{i}.AssociatedDeviceNumberOfEntries"]),

        new("host.name", [Host + "HostName"], ["Hosts.Host.{i}.HostName"]),
        new("host.address", [Host + "IPAddress"], ["Hosts.Host.{i}.IPAddress"]),
        new("host.mac", [Host + "MACAddress"], ["Hosts.Host.{i}.PhysAddress"]),
        new("host.active", [Host + "Active"], ["Hosts.Host.{i}.Active"]),
        new("host.interface", [Host + "InterfaceType"], ["Hosts.Host.{i}.Layer1Interface"]),

        Diagnostic("ping.state", Ping098, Ping181, "DiagnosticsState"),
        Diagnostic("ping.host", Ping098, Ping181, "Host"),
        Diagnostic("ping.count", Ping098, Ping181, "NumberOfRepetitions"),
        Diagnostic("ping.timeout", Ping098, Ping181, "Timeout"),
        Diagnostic("ping.size", Ping098, Ping181, "DataBlockSize"),
        Diagnostic("ping.received", Ping098, Ping181, "SuccessCount"),
        Diagnostic("ping.lost", Ping098, Ping181, "FailureCount"),
        Diagnostic("ping.average", Ping098, Ping181, "AverageResponseTime") with { Unit = "ms" },
        Diagnostic("ping.least", Ping098, Ping181, "MinimumResponseTime") with { Unit = "ms" },
        Diagnostic("ping.most", Ping098, Ping181, "MaximumResponseTime") with { Unit = "ms" },

        Diagnostic("trace.state", Trace098, Trace181, "DiagnosticsState"),
        Diagnostic("trace.host", Trace098, Trace181, "Host"),
        Diagnostic("trace.tries", Trace098, Trace181, "NumberOfTries"),
        Diagnostic("trace.timeout", Trace098, Trace181, "Timeout"),
        Diagnostic("trace.hops-most", Trace098, Trace181, "MaxHopCount"),
        Diagnostic("trace.time", Trace098, Trace181, "ResponseTime") with { Unit = "ms" },
        new("trace.hop-host", [Trace098 + "RouteHops.{i}.HopHost"], [Trace181 + "RouteHops.{i}.Host"]),
        new("trace.hop-address", [Trace098 + "RouteHops.{i}.HopHostAddress"], [Trace181 + "RouteHops.{i}.HostAddress"]),
        new("trace.hop-times", [Trace098 + "RouteHops.{i}.HopRTTimes"], [Trace181 + "RouteHops.{i}.RTTimes"]),
    ];

    private static readonly FrozenDictionary<string, ParameterName> ByName = All.ToFrozenDictionary(static each => each.Name, StringComparer.Ordinal);

    /// <summary>The root that a path of a device begins with.</summary>
    public static DataModelRoot RootOf(string path) =>
        path.StartsWith("InternetGatewayDevice.", StringComparison.Ordinal) ? DataModelRoot.Tr098 : path.StartsWith("Device.", StringComparison.Ordinal) ? DataModelRoot.Tr181 : DataModelRoot.Unknown;

    /// <summary>"InternetGatewayDevice." or "Device."; empty for an unknown root.</summary>
    public static string Prefix(DataModelRoot root) => root switch { DataModelRoot.Tr098 => "InternetGatewayDevice.", DataModelRoot.Tr181 => "Device.", _ => "" };

    /// <summary>The entry of a name; null when there is none.</summary>
    public static ParameterName? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The full patterns of a name under a root.</summary>
    public static IReadOnlyList<string> Patterns(DataModelRoot root, string name)
    {
        var entry = Find(name);
        var patterns = root switch { DataModelRoot.Tr098 => entry?.Tr098, DataModelRoot.Tr181 => entry?.Tr181, _ => null };
        return [.. patterns?.Select(pattern => Prefix(root) + pattern) ?? []];
    }

    /// <summary>Whether a path is of a pattern; instance numbers are digits.</summary>
    public static bool Matches(string pattern, string path)
    {
        int p = 0, q = 0;
        while (p < pattern.Length)
        {
            if (pattern[p] == '{')
            {
                var begin = q;
                while (q < path.Length && char.IsAsciiDigit(path[q]))
                {
                    q++;
                }

                if (q == begin)
                {
                    return false;
                }

                p += 3;
            }
            else if (q < path.Length && pattern[p] == path[q])
            {
                p++;
                q++;
            }
            else
            {
                return false;
            }
        }

        return q == path.Length;
    }

    /// <summary>The paths of a device that a name stands for, in the order of its patterns: those of the first pattern that has any.</summary>
    /// <param name="root">Which data model the device has.</param>
    /// <param name="name">One of the names of this table.</param>
    /// <param name="paths">Full paths of the device.</param>
    public static IReadOnlyList<string> Resolve(DataModelRoot root, string name, IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var all = paths as IReadOnlyCollection<string> ?? [.. paths];
        foreach (var pattern in Patterns(root, name))
        {
            List<string> found = [.. all.Where(path => Matches(pattern, path))];
            if (found.Count > 0)
            {
                return found;
            }
        }

        return [];
    }

    private static ParameterName Both(string name, string path) => new(name, [path], [path]);

    private static ParameterName Diagnostic(string name, string tr098, string tr181, string parameter) => new(name, [tr098 + parameter], [tr181 + parameter]);
}
