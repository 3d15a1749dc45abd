using System.Globalization;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Scrub;

/// <summary>The numbers that satisfy the terms of a component, as ranges in ascending order that do not touch: nftables knows no sums of products, but sets of ranges.</summary>
internal sealed record NumberRanges(IReadOnlyList<(uint First, uint Last)> Ranges, uint Most)
{
    public bool IsEmpty => Ranges.Count == 0;

    /// <summary>Every number that the field can have is in it: there is nothing to ask.</summary>
    public bool IsAll => Ranges is [(0, var last)] && last == Most;

    /// <param name="most">The largest number that the field can have.</param>
    public static NumberRanges Of(FlowSpecComponent component, uint most)
    {
        // Between two bounds nothing changes: each term is asked at its value and behind it.
        var bounds = component.Terms.SelectMany(static term => (ulong[])[term.Value, term.Value + 1]).Append(0UL).Where(value => value <= most).Distinct().Order().ToList();
        return From(bounds.Select((first, i) => (First: (uint)first, Last: i + 1 < bounds.Count ? (uint)bounds[i + 1] - 1 : most)).Where(range => component.Holds(range.First)), most);
    }

    /// <summary>Puts ranges together that touch.</summary>
    /// <param name="ascending">In ascending order.</param>
    public static NumberRanges From(IEnumerable<(uint First, uint Last)> ascending, uint most)
    {
        var ranges = new List<(uint First, uint Last)>();
        foreach (var range in ascending)
        {
            if (ranges.Count > 0 && ranges[^1].Last + 1 == range.First)
            {
                ranges[^1] = (ranges[^1].First, range.Last);
            }
            else
            {
                ranges.Add(range);
            }
        }

        return new NumberRanges(ranges, most);
    }

    public bool Holds(uint value) => Ranges.Any(range => value >= range.First && value <= range.Last);

    /// <summary>As nftables writes it: 53, 100-200, or { 53, 100-200 }.</summary>
    public override string ToString()
    {
        var each = Ranges.Select(static range => range.First == range.Last
            ? range.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}"));
        return Ranges.Count == 1 ? each.Single() : $"{{ {string.Join(", ", each)} }}";
    }
}
