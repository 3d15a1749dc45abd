using System.Globalization;

namespace Tsunagi.Proofs.Mail;

/// <summary>A process and those it started, as /proc tells of them.</summary>
internal static class ProcessFamily
{
    private const double TickMilliseconds = 10;

    /// <summary>CPU of a process and everything below it, user and system: its own, its living children's, and that of children it has waited for.</summary>
    public static double CpuMs(int root) => Of(root, static fields => fields[11..15].Sum(static field => long.Parse(field, CultureInfo.InvariantCulture))).Sum() * TickMilliseconds;

    /// <summary>Their ids.</summary>
    public static IReadOnlyList<int> Ids(int root) => Of(root, static fields => int.Parse(fields[^1], CultureInfo.InvariantCulture));

    // What stands behind the name in /proc/ID/stat, its id put at the end.
    private static List<T> Of<T>(int root, Func<string[], T> read)
    {
        var family = new List<T>();
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            try
            {
                var text = File.ReadAllText(Path.Combine(path, "stat"));
                var fields = text[(text.LastIndexOf(')') + 2)..].Trim().Split(' ');
                if (id == root || int.Parse(fields[1], CultureInfo.InvariantCulture) == root)
                {
                    family.Add(read([.. fields, id.ToString(CultureInfo.InvariantCulture)]));
                }
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return family;
    }
}
