using System.Globalization;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>The CPU time, user and system, of what serves: a process with all its threads, and where it asks a database, that one's processes, those that have ended included.</summary>
internal static class ServerCpu
{
    private const double Tick = 100;
    private const int Parent = 1;
    private const int User = 11;
    private const int System = 12;
    private const int UserOfEnded = 13;
    private const int SystemOfEnded = 14;

    /// <summary>In seconds.</summary>
    public static double Of(int process, int? database)
    {
        var seconds = Read(process) is { } own ? Sum(own, User, System) : 0;
        if (database is { } postmaster && Read(postmaster) is { } parent)
        {
            seconds += Sum(parent, User, System, UserOfEnded, SystemOfEnded) + ChildrenOf(postmaster).Sum(static child => Read(child) is { } fields ? Sum(fields, User, System) : 0);
        }

        return seconds;
    }

    /// <summary>The process's children that live.</summary>
    public static IReadOnlyList<int> ChildrenOf(int process)
    {
        var parent = process.ToString(CultureInfo.InvariantCulture);
        return
        [
            .. Directory.EnumerateDirectories("/proc")
                .Select(static directory => int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) ? id : 0)
                .Where(id => id > 0 && Read(id) is { } fields && fields[Parent] == parent),
        ];
    }

    // The fields of /proc/PID/stat behind the name: state, parent, …; null when it has ended.
    private static string[]? Read(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Sum(string[] fields, params ReadOnlySpan<int> which)
    {
        var ticks = 0.0;
        foreach (var field in which)
        {
            ticks += double.Parse(fields[field], CultureInfo.InvariantCulture);
        }

        return ticks / Tick;
    }
}
