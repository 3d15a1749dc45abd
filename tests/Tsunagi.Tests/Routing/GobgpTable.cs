using System.Text.RegularExpressions;

namespace Tsunagi.Tests.Routing;

/// <summary>What a gobgpd shows of the rules it was told, as destinations, each as often as it is there.</summary>
internal static partial class GobgpTable
{
    public static async Task<IReadOnlyList<string>> DestinationsAsync(LiveRouter router) =>
        [.. Destination().Matches(await router.ShowAsync()).Select(static match => match.Groups["prefix"].Value).Order(StringComparer.Ordinal)];

    // [destination: 192.0.2.7/32][protocol: ==udp]... of a rule; a route begins its line with the prefix.
    [GeneratedRegex(@"(?:\[destination: |^\s*(?:S?\s*)\d+\s+)(?<prefix>\d+\.\d+\.\d+\.\d+/\d+)", RegexOptions.Multiline)]
    private static partial Regex Destination();
}
