using Tsunagi.Ddos.Try;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>Flows of everyday traffic to three addresses, and of an attack on one of them, for clocks of a test's own.</summary>
internal static class TrialTraffic
{
    public const string Victim = "192.0.2.1";

    // 200 packets a second in 60 flows: pages, calls, names and times, to three addresses.
    public static IEnumerable<TrialFlow> Ordinary(int slot, int slots)
    {
        for (var i = 0; i < 6 * slots; i++)
        {
            var (to, port) = ($"192.0.2.{1 + (i % 3)}", (ushort)(20_000 + ((slot + i) * 7 % 30_000)));
            var lasted = (uint)(slots * 90);
            yield return (i % 5) switch
            {
                0 => new($"203.0.113.{i % 200}", to, 17, 53, port, 1, 120u + (uint)(i % 90)),
                1 => new($"203.0.113.{i % 200}", to, 17, 443, port, 3, 3_600) { Lasted = lasted },
                2 => new($"203.0.113.{i % 200}", to, 6, 443, port, 6, 7_800) { Lasted = lasted, Flags = 0x1B },
                3 => new($"203.0.113.{i % 200}", to, 6, port, 443, 4, 240) { Lasted = lasted, Flags = 0x10 },
                _ => new($"203.0.113.{i % 200}", to, 6, 443, port, 3, 4_000) { Lasted = lasted, Flags = 0x18 },
            };
        }
    }

    // 4,000 packets a second of 428 octets.
    public static IEnumerable<TrialFlow> Attack(int slot, int slots, int sources)
    {
        var packets = 400u * (uint)slots;
        for (var i = 0; sources < 0 && i < packets; i++)
        {
            yield return new($"198.51.100.{-sources}", Victim, 17, 53, 80, 1, 428);
        }

        for (var i = 0; i < sources; i++)
        {
            var each = Math.Max(1, packets / (uint)sources);
            yield return new($"198.51.{(slot + i) % 100}.{i % 250}", Victim, 17, 53, 80, each, each * 428) { Lasted = each > 1 ? (uint)(slots * 100) - 10 : 0 };
        }
    }
}
