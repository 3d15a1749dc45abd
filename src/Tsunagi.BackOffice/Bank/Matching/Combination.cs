namespace Tsunagi.BackOffice.Bank.Matching;

/// <summary>Which invoices add up to an amount. At most 24 are tried, so at most 2²⁴ sums; sorted halves make it 2¹².</summary>
internal static class Combination
{
    /// <summary>
    /// Finds the combination with the oldest invoices (the smallest mask, the oldest being bit 0 … compared from the newest down) and whether another gives the same sum.
    /// </summary>
    /// <param name="amounts">Above zero, the oldest first.</param>
    /// <param name="mask">Bit i stands for amounts[i]; 0 when none fits.</param>
    public static void Find(ReadOnlySpan<long> amounts, long target, out int mask, out bool isOnly)
    {
        mask = 0;
        isOnly = true;
        var low = Sums(amounts[..(amounts.Length / 2)]);
        var high = Sums(amounts[(amounts.Length / 2)..]);
        var byLow = new Dictionary<long, (int First, int Count)>();
        for (var i = 0; i < low.Length; i++)
        {
            ref var found = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(byLow, low[i], out var exists);
            found = exists ? (found.First, found.Count + 1) : (i, 1);
        }

        for (var i = 0; i < high.Length; i++)
        {
            if (!byLow.TryGetValue(target - high[i], out var found))
            {
                continue;
            }

            isOnly = mask == 0 && found.Count == 1;
            mask = mask == 0 ? (i << (amounts.Length / 2)) | found.First : mask;
            if (!isOnly)
            {
                return;
            }
        }
    }

    private static long[] Sums(ReadOnlySpan<long> amounts)
    {
        var sums = new long[1 << amounts.Length];
        for (var i = 0; i < amounts.Length; i++)
        {
            for (var j = 0; j < 1 << i; j++)
            {
                sums[(1 << i) | j] = sums[j] + amounts[i];
            }
        }

        return sums;
    }
}
