using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Routing.Kernel;

/// <summary>Routes of this machine's own kernel, which it sets for what services gave out (delegated prefixes). Off until interfaces are named.</summary>
public sealed record KernelRouteOptions
{
    /// <summary>Interfaces that routes may lead to; "access*" is all whose name begins so. None sets no routes. A route to another interface is not set, and operators are told.</summary>
    [MaxLength(256)]
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>The kernel's table (254 is "main").</summary>
    [Range(1, int.MaxValue)]
    public int Table { get; init; } = 254;

    /// <summary>The number that marks routes as this program's ("ip route show proto 116"): everything in the table that has it is ours, and taken back when nobody wants it. 0 to 4 are the kernel's own.</summary>
    [Range(5, 255)]
    public int Protocol { get; init; } = 116;

    [Range(1, int.MaxValue)]
    public int Metric { get; init; } = 1_024;

    /// <summary>Routes at a time; one more is not set, and operators are told.</summary>
    [Range(1, 10_000_000)]
    public int MostRoutes { get; init; } = 200_000;

    /// <summary>True: routes stay in the kernel when the program ends, and the next start goes on with them. False: they are taken back.</summary>
    public bool KeepAtEnd { get; init; }

    /// <summary>How often the whole table is held against what is wanted. A route that somebody takes away is missed at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "01:00:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The same trouble is told to operators once in so long.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "24:00:00")]
    public TimeSpan EventEvery { get; init; } = TimeSpan.FromMinutes(10);

    internal bool IsOn => Interfaces.Count > 0;

    internal bool MayLeadTo(string name)
    {
        foreach (var pattern in Interfaces)
        {
            if (pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern)
            {
                return true;
            }
        }

        return false;
    }
}
