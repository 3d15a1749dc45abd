using System.Globalization;
using System.Text.RegularExpressions;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>One run of perfdhcp: whole exchanges (Solicit, Advertise, Request, Reply; Discover, Offer, Request, Ack) that were finished, and what was lost of both halves.</summary>
internal sealed record PerfDhcpRun(long Exchanges, long Lost, double SolicitMilliseconds, double RequestMilliseconds);

/// <summary>perfdhcp, of Kea: clients that each ask for an address and a prefix, in DHCPv4 for an address.</summary>
internal static partial class PerfDhcp
{
    public const string Program = "/usr/sbin/perfdhcp";

    /// <param name="first">The number of the first client: those behind it come one after the other, as <see cref="DhcpServerProcess.DuidOf"/> and <see cref="DhcpServerProcess.MacOf"/> have them.</param>
    /// <param name="version">6 or 4.</param>
    public static async Task<PerfDhcpRun> RunAsync(DhcpNetwork network, string part, string link, int first, int clients, int rate, int version, CancellationToken cancellationToken)
    {
        static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
        string[] family = version == 4 ? ["-4"] : ["-6", "-e", "address-and-prefix", "-b", "duid=" + DhcpServerProcess.DuidOf(first)];
        var mac = string.Join(':', DhcpServerProcess.MacOf(first).Chunk(2).Select(static two => new string(two)));
        var said = await network.InsideAsync(
            part, cancellationToken, Program, [.. family, "-l", link, "-r", Number(rate), "-R", Number(clients), "-n", Number(clients), "-b", "mac=" + mac, "-W", "500000"]);
        var (asked, taken) = version == 4 ? (Part(said, "DISCOVER-OFFER"), Part(said, "REQUEST-ACK")) : (Part(said, "SOLICIT-ADVERTISE"), Part(said, "REQUEST-REPLY"));
        return new PerfDhcpRun((long)Value(taken, "received packets"), (long)(Value(asked, "drops") + Value(taken, "drops")), Value(asked, "avg delay"), Value(taken, "avg delay"));
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
