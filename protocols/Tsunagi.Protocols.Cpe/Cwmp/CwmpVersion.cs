namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>The version of CWMP that the namespace of a message tells (TR-069 A6 A.2): <c>urn:dslforum-org:cwmp-1-N</c>.</summary>
public enum CwmpVersion
{
    /// <summary>cwmp-1-0; also meant by devices that tell none.</summary>
    Cwmp10,

    /// <summary>cwmp-1-1.</summary>
    Cwmp11,

    /// <summary>cwmp-1-2.</summary>
    Cwmp12,

    /// <summary>cwmp-1-3.</summary>
    Cwmp13,

    /// <summary>cwmp-1-4.</summary>
    Cwmp14,
}

/// <summary>Versions and their namespaces.</summary>
public static class CwmpVersions
{
    private const string Prefix = "urn:dslforum-org:cwmp-1-";

    /// <summary>The namespace of a version.</summary>
    public static string NamespaceOf(CwmpVersion version) => version switch
    {
        CwmpVersion.Cwmp10 => Prefix + "0",
        CwmpVersion.Cwmp11 => Prefix + "1",
        CwmpVersion.Cwmp12 => Prefix + "2",
        CwmpVersion.Cwmp13 => Prefix + "3",
        _ => Prefix + "4",
    };

    /// <summary>The version of a namespace; a later minor version than 4 is read as 4. False when it is no namespace of CWMP.</summary>
    public static bool TryParse(string text, out CwmpVersion version)
    {
        version = CwmpVersion.Cwmp10;
        var trimmed = text.AsSpan().Trim();
        if (!trimmed.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            || !int.TryParse(trimmed[Prefix.Length..], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var minor))
        {
            return false;
        }

        version = (CwmpVersion)Math.Min(minor, 4);
        return true;
    }
}
