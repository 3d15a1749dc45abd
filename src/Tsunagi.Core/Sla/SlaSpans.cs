namespace Tsunagi.Core.Sla;

/// <summary>A set of moments as spans in order that neither touch nor overlap. Immutable; ms.</summary>
internal sealed class SlaSpans
{
    public static readonly SlaSpans None = new([]);

    private readonly IReadOnlyList<SlaSpan> _spans;

    private SlaSpans(IReadOnlyList<SlaSpan> spans) => _spans = spans;

    public IReadOnlyList<SlaSpan> Spans => _spans;

    public long Length => _spans.Sum(static span => span.Length);

    /// <summary>All moments of spans in any order; an empty one has none.</summary>
    public static SlaSpans Of(IEnumerable<SlaSpan> spans)
    {
        var merged = new List<SlaSpan>();
        foreach (var span in spans.Where(static span => span.To > span.From).OrderBy(static span => span.From))
        {
            if (merged.Count > 0 && span.From <= merged[^1].To)
            {
                merged[^1] = merged[^1] with { To = Math.Max(merged[^1].To, span.To) };
            }
            else
            {
                merged.Add(span);
            }
        }

        return new SlaSpans(merged);
    }

    public SlaSpans And(SlaSpans other)
    {
        var both = new List<SlaSpan>();
        for (int i = 0, j = 0; i < _spans.Count && j < other._spans.Count;)
        {
            var (from, to) = (Math.Max(_spans[i].From, other._spans[j].From), Math.Min(_spans[i].To, other._spans[j].To));
            if (to > from)
            {
                both.Add(new SlaSpan(from, to));
            }

            if (_spans[i].To <= other._spans[j].To)
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return new SlaSpans(both);
    }

    public SlaSpans Without(SlaSpans other)
    {
        var left = new List<SlaSpan>();
        var j = 0;
        foreach (var span in _spans)
        {
            var from = span.From;
            while (j < other._spans.Count && other._spans[j].To <= from)
            {
                j++;
            }

            for (var k = j; k < other._spans.Count && other._spans[k].From < span.To; k++)
            {
                if (other._spans[k].From > from)
                {
                    left.Add(new SlaSpan(from, other._spans[k].From));
                }

                from = Math.Max(from, other._spans[k].To);
            }

            if (from < span.To)
            {
                left.Add(span with { From = from });
            }
        }

        return new SlaSpans(left);
    }

    /// <summary>The earliest moments, no more than so long.</summary>
    public SlaSpans First(long most)
    {
        var kept = new List<SlaSpan>();
        foreach (var span in _spans)
        {
            if (most <= 0)
            {
                break;
            }

            kept.Add(span with { To = Math.Min(span.To, span.From + most) });
            most -= span.Length;
        }

        return new SlaSpans(kept);
    }

    public bool Touches(long from, long to)
    {
        var (low, high) = (0, _spans.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _spans[middle].To <= from ? (middle + 1, high) : (low, middle);
        }

        return low < _spans.Count && _spans[low].From < to;
    }
}
