using System.Globalization;
using System.Text.RegularExpressions;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>One run of perfdhcp: whole exchanges (Solicit, Advertise, Request, Reply) that were finished, and what was lost of both halves.</summary>
internal sealed record PerfDhcpRun(long Exchanges, long Lost, double SolicitMilliseconds, double RequestMilliseconds);

/// <summary>perfdhcp, of Kea: clients that each ask for an address and a prefix.</summary>
internal static partial class PerfDhcp
{
    public const string Program = "/usr/sbin/perfdhcp";

    /// <param name="first">The number of the first client: those behind it come one after the other, as <see cref="DhcpServerProcess.DuidOf"/> has them.</param>
    public static async Task<PerfDhcpRun> RunAsync(DhcpNetwork network, string part, string link, int first, int clients, int rate, CancellationToken cancellationToken)
    {
        static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
        var said = await network.InsideAsync(
            part, cancellationToken, Program, "-6", "-e", "address-and-prefix", "-l", link, "-r", Number(rate), "-R", Number(clients), "-n", Number(clients),
            "-b", "duid=" + DhcpServerProcess.DuidOf(first), "-b", $"mac=00:0c:{first >> 24 & 0xFF:x2}:{first >> 16 & 0xFF:x2}:{first >> 8 & 0xFF:x2}:{first & 0xFF:x2}", "-W", "500000");
        var (solicits, requests) = (Part(said, "SOLICIT-ADVERTISE"), Part(said, "REQUEST-REPLY"));
        return new PerfDhcpRun((long)Value(requests, "received packets"), (long)(Value(solicits, "drops") + Value(requests, "drops")), Value(solicits, "avg delay"), Value(requests, "avg delay"));
    }

    private static string Part(string said, string name)
    {
        var at = said.IndexOf("Statistics for: " + name, StringComparison.Ordinal);
        return at < 0 ? throw new InvalidOperationException("perfdhcp said: " + said) : said[at..];
    }

    private static double Value(string part, string name) =>
        Figures().Matches(part).FirstOrDefault(match => match.Groups["name"].Value == name) is { } found ? double.Parse(found.Groups["value"].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?<name>[a-z ]+): (?<value>[0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex Figures();
}
