namespace Tsunagi.Protocols.Cpe.DataModel;

/// <summary>What a parameter is by its path: whether its value is a secret, and whether a wrong value could cut the device off.</summary>
public static class ParameterKinds
{
    private static readonly string[] SecretEndings = ["Password", "Passphrase", "PreSharedKey", "Secret", "PrivateKey", "WEPKey", "PIN", "PSK", "SharedKey", "AuthKey"];

    // How the ACS is reached and how packets leave: the device could not be told again.
    private static readonly string[] ManagementPaths =
    [
        "ManagementServer.", "WANDevice.", "PPP.", "IP.Interface.", "Ethernet.", "DSL.", "ATM.", "PTM.", "Optical.", "Cellular.", "Routing.", "Layer3Forwarding.", "Layer2Bridging.", "Bridging.",
        "DNS.", "DHCPv4.Client.", "DHCPv6.Client.", "NAT.", "Firewall.", "GatewayInfo.", "XMPP.", "LANConfigSecurity.",
    ];

    /// <summary>Whether the value is a secret: a password, a key, a passphrase, by the last part of the path.</summary>
    public static bool IsSecret(string path)
    {
        var last = path.AsSpan(path.LastIndexOf('.') + 1);

        // WEPKey1, PreSharedKey.1.PreSharedKey, X_VENDOR_AdminPassword.
        last = last.TrimEnd("0123456789");
        foreach (var ending in SecretEndings)
        {
            if (last.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return path.Contains(".WEPKey.", StringComparison.Ordinal);
    }

    /// <summary>Whether a wrong value could cut the device off from whoever manages it. What a vendor added is, unless its name shows otherwise.</summary>
    public static bool IsManagementPath(string path)
    {
        var below = path.AsSpan(path.IndexOf('.', StringComparison.Ordinal) + 1);
        foreach (var beginning in ManagementPaths)
        {
            if (below.StartsWith(beginning, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return below.StartsWith("X_", StringComparison.Ordinal) || below.Contains(".X_", StringComparison.Ordinal) || below.Contains("VLAN", StringComparison.OrdinalIgnoreCase);
    }
}
