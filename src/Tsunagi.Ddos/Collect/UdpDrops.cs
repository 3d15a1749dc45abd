using System.Globalization;

namespace Tsunagi.Ddos.Collect;

/// <summary>What the kernel dropped at a UDP socket, from <c>/proc/net/udp</c> and <c>udp6</c>: the last column of the line with the socket's inode.</summary>
internal static class UdpDrops
{
    private const int InodeColumn = 9;
    private const int DropsColumn = 12;

    /// <summary>The inode of an open socket, or null where there is no /proc.</summary>
    public static string? InodeOf(nint descriptor)
    {
        try
        {
            // "socket:[12345]"
            var target = new FileInfo($"/proc/self/fd/{descriptor.ToString(CultureInfo.InvariantCulture)}").LinkTarget;
            return target is { } text && text.StartsWith("socket:[", StringComparison.Ordinal) ? text["socket:[".Length..^1] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>How many datagrams were dropped at the socket of this inode since it was opened.</summary>
    public static long Of(string inode)
    {
        foreach (var table in (ReadOnlySpan<string>)["/proc/net/udp", "/proc/net/udp6"])
        {
            try
            {
                foreach (var line in File.ReadLines(table))
                {
                    if (TryRead(line, inode, out var drops))
                    {
                        return drops;
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not told here.
            }
        }

        return 0;
    }

    internal static bool TryRead(string line, string inode, out long drops)
    {
        var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        drops = 0;
        return columns.Length > DropsColumn && columns[InodeColumn] == inode && long.TryParse(columns[DropsColumn], NumberStyles.None, CultureInfo.InvariantCulture, out drops);
    }
}
