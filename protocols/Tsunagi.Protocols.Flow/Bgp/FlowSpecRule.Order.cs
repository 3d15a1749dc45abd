namespace Tsunagi.Protocols.Flow.Bgp;

public sealed partial record FlowSpecRule
{
    /// <summary>
    /// The order in which routers apply rules (RFC 8955 section 5.1): less than zero when this one comes first. The lower type comes first, then
    /// the more specific prefix or the lower one, then the lower octets, the longer ones first where the shorter ones are their beginning.
    /// </summary>
    public int CompareTo(FlowSpecRule? other)
    {
        if (other is null)
        {
            return -1;
        }

        for (int i = 0; i < Math.Min(Components.Length, other.Components.Length); i++)
        {
            FlowSpecComponent a = Components[i], b = other.Components[i];
            int order = a.Type != b.Type ? a.Type.CompareTo(b.Type) : a.IsPrefix ? ComparePrefix(a, b) : CompareTerms(a, b);
            if (order != 0)
            {
                return order;
            }
        }

        return other.Components.Length.CompareTo(Components.Length); // who has more components comes first
    }

    /// <summary>Order of application.</summary>
    public static bool operator <(FlowSpecRule left, FlowSpecRule right) => left.CompareTo(right) < 0;

    /// <summary>Order of application.</summary>
    public static bool operator >(FlowSpecRule left, FlowSpecRule right) => left.CompareTo(right) > 0;

    /// <summary>Order of application.</summary>
    public static bool operator <=(FlowSpecRule left, FlowSpecRule right) => left.CompareTo(right) <= 0;

    /// <summary>Order of application.</summary>
    public static bool operator >=(FlowSpecRule left, FlowSpecRule right) => left.CompareTo(right) >= 0;

    // RFC 8956 section 4: the lower offset first.
    private static int ComparePrefix(FlowSpecComponent a, FlowSpecComponent b)
    {
        if (a.Offset != b.Offset)
        {
            return a.Offset.CompareTo(b.Offset);
        }

        int common = Math.Min(a.Prefix.Length, b.Prefix.Length);
        FlowAddress left = BgpPrefix.Cut(a.Prefix.Address, common, a.Prefix.IsIPv6), right = BgpPrefix.Cut(b.Prefix.Address, common, b.Prefix.IsIPv6);
        return left != right ? left.CompareTo(right) : b.Prefix.Length.CompareTo(a.Prefix.Length);
    }

    private static int CompareTerms(FlowSpecComponent a, FlowSpecComponent b)
    {
        var left = new BgpOctets();
        var right = new BgpOctets();
        FlowSpecNlri.WriteTerms(left, a);
        FlowSpecNlri.WriteTerms(right, b);
        int common = Math.Min(left.Length, right.Length);
        int order = left.Span[..common].SequenceCompareTo(right.Span[..common]);
        return order != 0 ? order : right.Length.CompareTo(left.Length);
    }
}
