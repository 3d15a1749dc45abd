using System.Diagnostics;
using System.Text;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Routing.Scrub;
using Tsunagi.Tests.Routing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>Rules that passed, as a scrubber gives them to nftables, held against nft's own reading (nft -c: nothing is set).</summary>
internal static class RuleTables
{
    // The last guard's own bounds: such as the guards here were told to let pass may be shorter.
    private const int Shortest4 = 24;
    private const int Shortest6 = 48;

    /// <summary>nft is here, and may be asked.</summary>
    public static bool IsThere => File.Exists("/usr/sbin/nft") && Environment.UserName == "root";

    /// <summary>How many of them a scrubber takes.</summary>
    /// <exception cref="UnreachableException">One that it should take it does not, or nft refuses the table.</exception>
    public static int Check(IEnumerable<string> rules)
    {
        var compiler = new ScrubCompiler(TestWishes.To("203.0.113.9", 179));
        var taken = new List<ScrubRule>();
        foreach (var rule in rules.Distinct(StringComparer.Ordinal))
        {
            var made = compiler.Compile(new WantedRoute(rule, WantedRouteKind.FlowSpec, rule, long.MaxValue), out var whyNot);
            if (!FlowSpecText.TryParse(rule, out var statement, out var wrong))
            {
                throw new UnreachableException($"{rule} cannot be read: {wrong}");
            }

            var destination = statement!.Rule.Find(FlowSpecType.Destination)!.Prefix;
            if (made is not null)
            {
                taken.Add(made);
            }
            else if (destination.Length >= (destination.IsIPv6 ? Shortest6 : Shortest4) && !IsKnown(whyNot))
            {
                throw new UnreachableException($"a scrubber does not take {rule}: {whyNot}");
            }
        }

        if (taken.Count > 0 && IsThere)
        {
            Ask(NftTable.Rebuild(taken, static _ => new ScrubStart(TimeSpan.FromMinutes(5), 0, 0)));
        }

        return taken.Count;
    }

    // What rules by hand may say and a scrubber says it cannot: rates beyond its bounds, and components each of which can be matched, but not all at once.
    private static bool IsKnown(string whyNot) => whyNot.StartsWith("a scrubber", StringComparison.Ordinal) || whyNot.StartsWith("no packet", StringComparison.Ordinal);

    private static void Ask(string table)
    {
        using var nft = Process.Start(new ProcessStartInfo("/usr/sbin/nft", ["-c", "-f", "-"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        var error = new StringBuilder();
        nft.ErrorDataReceived += (_, line) => error.AppendLine(line.Data);
        nft.BeginErrorReadLine();
        nft.StandardInput.Write(table);
        nft.StandardInput.Close();
        if (!nft.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            nft.Kill();
            throw new UnreachableException("nft did not come to an end of a table of rules that passed");
        }

        // …and of what it says.
        nft.WaitForExit();
        if (nft.ExitCode != 0)
        {
            throw new UnreachableException($"nft refuses a table of rules that passed: {error}");
        }
    }
}
