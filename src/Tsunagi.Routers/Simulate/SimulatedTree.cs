using System.Globalization;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Routers.Simulate;

/// <summary>The parameters of a simulated router. Objects are what its paths imply.</summary>
internal sealed class SimulatedTree
{
    private readonly SortedDictionary<string, SimulatedParameter> _all = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, SimulatedParameter> All => _all;

    public string Root => _all.Keys.FirstOrDefault(static path => path.StartsWith("InternetGatewayDevice.", StringComparison.Ordinal)) is null ? "Device." : "InternetGatewayDevice.";

    public string this[string path] => _all.TryGetValue(path, out var found) ? found.Value : "";

    public void Set(string path, string value, string type = "string", bool writable = false) =>
        _all[path] = _all.TryGetValue(path, out var known) ? known with { Value = value } : new SimulatedParameter(value, type, writable);

    public void RemoveBelow(string prefix)
    {
        foreach (var path in _all.Keys.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            _all.Remove(path);
        }
    }

    public SimulatedTree Copy()
    {
        var copy = new SimulatedTree();
        foreach (var (path, parameter) in _all)
        {
            copy._all[path] = parameter;
        }

        return copy;
    }

    /// <summary>Objects and parameters below a path, in order. An object's name ends with a dot.</summary>
    public IReadOnlyList<(string Name, bool Writable)> Names(string path, bool nextLevel)
    {
        var found = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (var (name, parameter) in _all)
        {
            if (!name.StartsWith(path, StringComparison.Ordinal))
            {
                continue;
            }

            for (var dot = name.IndexOf('.', path.Length); dot >= 0; dot = name.IndexOf('.', dot + 1))
            {
                found.TryAdd(name[..(dot + 1)], false);
                if (nextLevel)
                {
                    break;
                }
            }

            if (!nextLevel || name.IndexOf('.', path.Length) < 0)
            {
                found[name] = parameter.Writable;
            }
        }

        return [.. found.Select(static pair => (pair.Key, pair.Value))];
    }

    /// <summary>Parameter,Object,Writable,Value,Value type: as other simulators write it.</summary>
    /// <exception cref="WrongInputException">It cannot be read.</exception>
    public static SimulatedTree ReadCsv(string file)
    {
        var tree = new SimulatedTree();
        try
        {
            foreach (var line in File.ReadLines(file).Skip(1))
            {
                var cells = Cells(line);
                if (cells.Count >= 5 && cells[1] != "true" && cells[0].Contains('.', StringComparison.Ordinal) && !cells[0].StartsWith("DeviceID.", StringComparison.Ordinal))
                {
                    tree.Set(cells[0], cells[3], cells[4][(cells[4].LastIndexOf(':') + 1)..], cells[2] == "true");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the file {file} cannot be read: {e.Message}");
        }

        return tree._all.Count > 0 ? tree : throw new WrongInputException($"the file {file} holds no parameter");
    }

    /// <summary>A home router with a line, Wi-Fi and hosts.</summary>
    public static SimulatedTree BuiltIn(bool tr181)
    {
        var tree = new SimulatedTree();
        var root = tr181 ? "Device." : "InternetGatewayDevice.";
        void Is(string path, string value, string type = "string", bool writable = false) => tree.Set(root + path, value, type, writable);
        Is("DeviceInfo.Manufacturer", "Tsunagi Simulated");
        Is("DeviceInfo.ModelName", tr181 ? "SR-181" : "SR-098");
        Is("DeviceInfo.HardwareVersion", "A1");
        Is("DeviceInfo.SoftwareVersion", "3.2.1");
        Is("DeviceInfo.UpTime", "86400", "unsignedInt");
        Is("DeviceInfo.ProcessStatus.CPUUsage", "7", "unsignedInt");
        Is("DeviceInfo.MemoryStatus.Total", "262144", "unsignedInt");
        Is("DeviceInfo.MemoryStatus.Free", "140000", "unsignedInt");
        Is("ManagementServer.URL", "", writable: true);
        Is("ManagementServer.PeriodicInformEnable", "1", "boolean", true);
        Is("ManagementServer.PeriodicInformInterval", "300", "unsignedInt", true);
        Is("ManagementServer.ParameterKey", "");
        Is("Time.NTPServer1", "ntp.example.net", writable: true);
        Is("UserInterface.PasswordRequired", "1", "boolean", true);
        if (tr181)
        {
            PutFibre(Is);
        }
        else
        {
            PutDsl(Is);
        }

        var hosts = tr181 ? "Hosts.Host." : "LANDevice.1.Hosts.Host.";
        string[] names = ["reception-pc", "printer", "till-1", "phone-kitchen"];
        for (var i = 0; i < names.Length; i++)
        {
            var host = string.Create(CultureInfo.InvariantCulture, $"{hosts}{i + 1}.");
            Is(host + "HostName", names[i]);
            Is(host + "IPAddress", string.Create(CultureInfo.InvariantCulture, $"192.168.1.{20 + i}"));
            Is(host + (tr181 ? "PhysAddress" : "MACAddress"), string.Create(CultureInfo.InvariantCulture, $"02:00:5e:10:00:{i + 1:x2}"));
            Is(host + "Active", i == 1 ? "0" : "1", "boolean");
            Is(host + (tr181 ? "Layer1Interface" : "InterfaceType"), i < 2 ? "Ethernet" : "802.11");
        }

        foreach (var (name, value, type, writable) in ((string, string, string, bool)[])
        [
            ("DiagnosticsState", "None", "string", true), ("Host", "", "string", true), ("NumberOfRepetitions", "3", "unsignedInt", true), ("Timeout", "1000", "unsignedInt", true),
            ("DataBlockSize", "32", "unsignedInt", true), ("SuccessCount", "0", "unsignedInt", false), ("FailureCount", "0", "unsignedInt", false), ("AverageResponseTime", "0", "unsignedInt", false),
            ("MinimumResponseTime", "0", "unsignedInt", false), ("MaximumResponseTime", "0", "unsignedInt", false),
        ])
        {
            Is((tr181 ? "IP.Diagnostics.IPPing." : "IPPingDiagnostics.") + name, value, type, writable);
        }

        foreach (var (name, value, type, writable) in ((string, string, string, bool)[])
        [
            ("DiagnosticsState", "None", "string", true), ("Host", "", "string", true), ("NumberOfTries", "3", "unsignedInt", true), ("Timeout", "5000", "unsignedInt", true),
            ("MaxHopCount", "30", "unsignedInt", true), ("ResponseTime", "0", "unsignedInt", false), ("RouteHopsNumberOfEntries", "0", "unsignedInt", false),
        ])
        {
            Is((tr181 ? "IP.Diagnostics.TraceRoute." : "TraceRouteDiagnostics.") + name, value, type, writable);
        }

        return tree;
    }

    private delegate void Put(string path, string value, string type = "string", bool writable = false);

    /// <summary>Its line and its Wi-Fi in TR-181.</summary>
    private static void PutFibre(Put put)
    {
        put("Optical.Interface.1.Status", "Up");
        put("Optical.Interface.1.OpticalSignalLevel", "-18250", "int");
        put("Optical.Interface.1.TransmitOpticalLevel", "2104", "int");
        put("IP.Interface.1.Status", "Up");
        put("IP.Interface.1.Enable", "1", "boolean", true);
        put("IP.Interface.1.LastChange", "86000", "unsignedInt");
        put("IP.Interface.1.IPv4Address.1.IPAddress", "198.51.100.23");
        put("DHCPv4.Client.1.IPRouters", "198.51.100.1");
        put("DHCPv4.Client.1.DNSServers", "198.51.100.53,198.51.100.54");
        put("WiFi.Radio.1.Channel", "6", "unsignedInt", true);
        put("WiFi.Radio.1.AutoChannelEnable", "1", "boolean", true);
        put("WiFi.Radio.1.OperatingFrequencyBand", "2.4GHz", writable: true);
        put("WiFi.Radio.1.OperatingStandards", "b,g,n,ax", writable: true);
        put("WiFi.Radio.2.Channel", "44", "unsignedInt", true);
        put("WiFi.Radio.2.AutoChannelEnable", "1", "boolean", true);
        put("WiFi.Radio.2.OperatingFrequencyBand", "5GHz", writable: true);
        for (var i = 1; i <= 2; i++)
        {
            put($"WiFi.SSID.{i}.Enable", "1", "boolean", true);
            put($"WiFi.SSID.{i}.SSID", i == 1 ? "office" : "office-5g", writable: true);
            put($"WiFi.AccessPoint.{i}.Security.ModeEnabled", "WPA2-Personal", writable: true);
            put($"WiFi.AccessPoint.{i}.Security.KeyPassphrase", "correct horse battery", writable: true);
            put($"WiFi.AccessPoint.{i}.AssociatedDeviceNumberOfEntries", "2", "unsignedInt");
        }
    }

    /// <summary>Its line and its Wi-Fi in TR-098.</summary>
    private static void PutDsl(Put put)
    {
        const string line = "WANDevice.1.WANDSLInterfaceConfig.", ppp = "WANDevice.1.WANConnectionDevice.1.WANPPPConnection.1.", wlan = "LANDevice.1.WLANConfiguration.1.";
        put(line + "Status", "Up");
        put(line + "DownstreamCurrRate", "48210", "unsignedInt");
        put(line + "UpstreamCurrRate", "9870", "unsignedInt");
        put(line + "DownstreamMaxRate", "51200", "unsignedInt");
        put(line + "UpstreamMaxRate", "10240", "unsignedInt");
        put(line + "DownstreamNoiseMargin", "63", "int");
        put(line + "UpstreamNoiseMargin", "71", "int");
        put(line + "DownstreamAttenuation", "182", "int");
        put(line + "UpstreamAttenuation", "94", "int");
        put("WANDevice.1.WANCommonInterfaceConfig.PhysicalLinkStatus", "Up");
        put(ppp + "ConnectionStatus", "Connected");
        put(ppp + "ExternalIPAddress", "198.51.100.41");
        put(ppp + "DefaultGateway", "198.51.100.1");
        put(ppp + "DNSServers", "198.51.100.53");
        put(ppp + "Uptime", "71020", "unsignedInt");
        put(ppp + "LastConnectionError", "ERROR_NONE");
        put(ppp + "Username", "site@isp.example", writable: true);
        put(ppp + "Password", "", writable: true);
        put(wlan + "Enable", "1", "boolean", true);
        put(wlan + "SSID", "home", writable: true);
        put(wlan + "Channel", "11", "unsignedInt", true);
        put(wlan + "AutoChannelEnable", "0", "boolean", true);
        put(wlan + "Standard", "n", writable: true);
        put(wlan + "BeaconType", "11i", writable: true);
        put(wlan + "KeyPassphrase", "correct horse battery", writable: true);
        put(wlan + "TotalAssociations", "3", "unsignedInt");
    }

    private static List<string> Cells(string line)
    {
        var cells = new List<string>();
        var cell = new System.Text.StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(c);
            }
        }

        cells.Add(cell.ToString());
        return cells;
    }
}

/// <summary>One parameter of a simulated router.</summary>
internal sealed record SimulatedParameter(string Value, string Type, bool Writable);
