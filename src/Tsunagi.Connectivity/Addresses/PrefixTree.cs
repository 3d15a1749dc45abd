namespace Tsunagi.Connectivity.Addresses;

/// <summary>What stands directly inside a block, and what of it is free.</summary>
internal static class PrefixTree
{
    /// <summary>The lowest free block of a length inside one; null when there is none.</summary>
    public static AddressBlock? LowestFree(AddressBlock whole, int length, IEnumerable<AddressBlock> taken)
    {
        var at = whole.Base;
        var size = UInt128.One << (whole.Width - length);
        foreach (var block in taken.Where(whole.Overlaps).Order())
        {
            if (block.Base >= at && block.Base - at >= size)
            {
                break;
            }

            if (block.Last >= at)
            {
                // To the next place where a block of this length may begin.
                var next = (block.Last | (size - 1)) + 1;
                if (next == 0 || next > whole.Last)
                {
                    return null;
                }

                at = next;
            }
        }

        return at + (size - 1) <= whole.Last ? new AddressBlock(at, length, whole.Is6) : null;
    }

    /// <summary>Those of a sorted list (first address, larger before smaller) that nothing else of it holds.</summary>
    public static IReadOnlyList<PrefixRow> Direct(IEnumerable<PrefixRow> inside)
    {
        var direct = new List<PrefixRow>();
        foreach (var row in inside)
        {
            if (direct.Count == 0 || string.CompareOrdinal(row.LastAddress, direct[^1].LastAddress) > 0 || row.VrfId != direct[^1].VrfId)
            {
                direct.Add(row);
            }
        }

        return direct;
    }

    /// <summary>The part of a block that blocks inside it cover, none counted twice: 0 to 1.</summary>
    public static double Covered(AddressBlock whole, IEnumerable<AddressBlock> inside)
    {
        UInt128 covered = 0;
        var until = default(UInt128?);
        foreach (var block in inside.Where(whole.Contains).Order())
        {
            if (until is { } end && block.Last <= end)
            {
                continue;
            }

            covered += block.Last - block.Base + 1;
            until = block.Last;
        }

        return (double)covered / Math.Pow(2, whole.Width - whole.Length);
    }
}
