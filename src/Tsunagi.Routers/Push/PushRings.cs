using System.Globalization;

namespace Tsunagi.Routers.Push;

/// <summary>How boxes are divided into rings: "1,10%,50%,100%" is one box, then so many that a tenth of all were asked, and so on. The last ring takes whatever is left.</summary>
internal static class PushRings
{
    public const string Default = "1,20%,100%";
    public const int Most = 10;

    /// <summary>The size of each ring, none of them empty.</summary>
    /// <param name="boxes">How many there are.</param>
    /// <param name="first">Boxes that have to be in the first ring whatever its size says.</param>
    public static bool TryDivide(string text, int boxes, int first, out IReadOnlyList<int> sizes)
    {
        sizes = [];
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is 0 or > Most)
        {
            return false;
        }

        var (found, before) = (new List<int>(), 0);
        foreach (var part in parts)
        {
            var isShare = part.EndsWith('%');
            if (!int.TryParse(isShare ? part[..^1] : part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || (isShare && number > 100))
            {
                return false;
            }

            var upTo = isShare ? (int)Math.Ceiling(boxes * number / 100.0) : before + number;
            upTo = Math.Min(boxes, found.Count == 0 ? Math.Max(upTo, first) : upTo);
            if (upTo > before)
            {
                found.Add(upTo - before);
                before = upTo;
            }
        }

        if (before < boxes)
        {
            found.Add(boxes - before);
        }

        sizes = found;
        return true;
    }

    /// <summary>How many boxes of a ring may end otherwise than confirmed.</summary>
    public static int Allowed(int size, long budgetPercent) => (int)(size * budgetPercent / 100);
}
