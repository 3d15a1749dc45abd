namespace Tsunagi.Host.Cli;

/// <summary>Words near a word that was typed wrongly.</summary>
internal static class Near
{
    private const int MaxLength = 40;

    /// <summary>At most three, the nearest first; none when nothing is near.</summary>
    public static IReadOnlyList<string> To(string typed, IEnumerable<string> known)
    {
        if (typed.Length > MaxLength)
        {
            return [];
        }

        return
        [
            .. known.Select(word => (Word: word, Distance: word.StartsWith(typed, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(typed.ToLowerInvariant(), word)))
                .Where(x => x.Distance <= Math.Max(1, x.Word.Length / 3)).OrderBy(static x => x.Distance).ThenBy(static x => x.Word, StringComparer.Ordinal)
                .Take(3).Select(static x => x.Word),
        ];
    }

    /// <summary>Letters to add, drop, change, or swap with the next (optimal string alignment).</summary>
    private static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var cost = left[i - 1] == right[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[left.Length, right.Length];
    }
}
