using System.Net;

namespace Tsunagi.Routers.Arms;

/// <summary>Where routers are told to go. Hosts are numbers: boxes have no name server before they are configured.</summary>
internal static class ArmsAddresses
{
    public const string LocationPath = "/ls";
    public const string ResourcePath = "/rs";
    public const string TunnelPath = "/tunnel";

    // What the open client has room for: the whole address, and its path, each with an end behind it.
    private const int LongestAddress = 127;
    private const int LongestPath = 79;

    /// <summary>Null when a router can be told this address.</summary>
    public static string? WhyNot(string address) =>
        !Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps ? "it does not begin with https://"
        : !IPAddress.TryParse(uri.Host.Trim('[', ']'), out _) ? "its host is a name; boxes take numbers only"
        : uri.AbsolutePath.TrimEnd('/') == TunnelPath ? "its path is that of tunnels"
        : address.Length > LongestAddress ? $"it is longer than {LongestAddress} characters"
        : uri.PathAndQuery.Length > LongestPath ? $"its path is longer than {LongestPath} characters"
        : uri.PathAndQuery.Contains(':', StringComparison.Ordinal) ? "its path holds a colon, which boxes take for the one before a port" : null;

    /// <summary>The resource servers: what the operator says, or where the router called.</summary>
    public static IReadOnlyList<string> ResourceServers(ArmsOptions options, bool isLegacy, IPEndPoint called) =>
        (isLegacy ? options.LegacyResourceServers : options.ResourceServers) is { Count: > 0 } told ? told : [Of(called, ResourcePath)];

    /// <summary>The tunnel of each resource server.</summary>
    public static IReadOnlyList<string> Tunnels(IReadOnlyList<string> resourceServers) => [.. resourceServers.Select(static address => new Uri(new Uri(address), TunnelPath).ToString())];

    public static string Host(string address) => new Uri(address).Host.Trim('[', ']');

    public static string Of(IPEndPoint point, string path) => $"https://{new IPEndPoint(point.Address.IsIPv4MappedToIPv6 ? point.Address.MapToIPv4() : point.Address, point.Port)}{path}";
}
