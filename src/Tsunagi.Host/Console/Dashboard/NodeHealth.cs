using System.Diagnostics;
using System.Reflection;
using Tsunagi.Core.Nodes;

namespace Tsunagi.Host.Console.Dashboard;

/// <summary>What this process and its disk say of themselves.</summary>
internal sealed record NodeHealth(TimeSpan Uptime, long MemoryBytes, long DiskFreeBytes, long DiskBytes, string Version)
{
    public double DiskUsed => DiskBytes == 0 ? 0 : 1 - ((double)DiskFreeBytes / DiskBytes);

    public static NodeHealth Read(Node node)
    {
        using var process = Process.GetCurrentProcess();
        var disk = new DriveInfo(node.DataDirectory);
        var version = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
        return new(Stopwatch.GetElapsedTime(Started), process.WorkingSet64, disk.AvailableFreeSpace, disk.TotalSize, version);
    }

    /// <summary>When the console was put together, which is when the program started.</summary>
    private static readonly long Started = Stopwatch.GetTimestamp();

    public static void MarkStart() => _ = Started;
}
