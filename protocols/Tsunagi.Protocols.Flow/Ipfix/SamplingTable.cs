using System.Buffers.Binary;

namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>
/// The sampling rates of one domain, learned from options records: of selectors (NetFlow v9 samplers, PSAMP selectors), of interfaces, of
/// selection sequences, of the whole domain. Bounded.
/// </summary>
public sealed class SamplingTable
{
    private readonly Dictionary<ulong, uint> _selectors = [];
    private readonly Dictionary<ulong, uint> _interfaces = [];
    private readonly Dictionary<ulong, ulong[]> _sequences = [];
    private uint _domain;

    /// <summary>Rates by selector.</summary>
    public IReadOnlyDictionary<ulong, uint> Selectors => _selectors;

    /// <summary>Rates by ifIndex.</summary>
    public IReadOnlyDictionary<ulong, uint> Interfaces => _interfaces;

    /// <summary>Selectors of a selection sequence (RFC 5476 section 6.5.1); the rates of all multiply.</summary>
    public IReadOnlyDictionary<ulong, ulong[]> Sequences => _sequences;

    /// <summary>
    /// The rate of records that name neither selector nor interface: what was told for the domain, else the rate of its selectors and
    /// interfaces if they all have the same; 0 when there is none.
    /// </summary>
    public uint DomainRate { get; private set; }

    /// <summary>Everything that counts against the limit.</summary>
    public int Count => _selectors.Count + _interfaces.Count + _sequences.Count;

    internal bool HasInterfaces => _interfaces.Count > 0;

    internal bool HasStatedDomainRate => _domain != 0;

    /// <summary>The rate of a selection sequence; 0 when a selector of it is not known.</summary>
    public uint RateOfSequence(ulong sequence)
    {
        if (!_sequences.TryGetValue(sequence, out ulong[]? selectors))
        {
            return 0;
        }

        ulong rate = 1;
        foreach (ulong selector in selectors)
        {
            rate *= _selectors.GetValueOrDefault(selector);
            rate = Math.Min(rate, uint.MaxValue);
        }

        return (uint)rate;
    }

    internal bool TryGetSelector(ulong selector, out uint rate) => _selectors.TryGetValue(selector, out rate);

    internal bool TryGetInterface(uint input, uint output, out uint rate) => _interfaces.TryGetValue(input, out rate) || _interfaces.TryGetValue(output, out rate);

    /// <summary>Learns from an options record; false when it told something for which there is no room.</summary>
    internal bool Learn(in RawRecord options, int limit)
    {
        ulong interval = 0, packetInterval = 0, space = 0, size = 0, population = 0, selector = 0, sequence = 0, link = 0;
        bool hasSelector = false, hasSequence = false, hasLink = false;
        double probability = 0;
        var chain = new List<ulong>();
        foreach (RawField field in options)
        {
            switch (field.Field)
            {
                case { Enterprise: InformationElements.NetFlow9Scope, Id: 2 }:
                case { Enterprise: 0, IsScope: true, Id: 10 or 14 }:
                    (link, hasLink) = (field.Number, true);
                    break;
                case { Enterprise: not 0 }:
                    break;
                case { Id: 48 or 302 }:
                    (selector, hasSelector) = (field.Number, true);
                    chain.Add(selector);
                    break;
                case { Id: 301, IsScope: true }:
                    (sequence, hasSequence) = (field.Number, true);
                    break;
                case { Id: 34 or 50 }:
                    interval = Math.Max(interval, field.Number);
                    break;
                case { Id: 305 }:
                    packetInterval = field.Number;
                    break;
                case { Id: 306 }:
                    space = field.Number;
                    break;
                case { Id: 309 }:
                    size = field.Number;
                    break;
                case { Id: 310 }:
                    population = field.Number;
                    break;
                case { Id: 311 }:
                    probability = field.Octets.Length switch
                    {
                        4 => BinaryPrimitives.ReadSingleBigEndian(field.Octets),
                        8 => BinaryPrimitives.ReadDoubleBigEndian(field.Octets),
                        _ => 0,
                    };
                    break;
            }
        }

        if (hasSequence && chain.Count is > 0 and <= 16)
        {
            return Set(_sequences, sequence, [.. chain], limit);
        }

        uint rate = FieldScratch.RateOf(interval, packetInterval & uint.MaxValue, space & uint.MaxValue, size & uint.MaxValue, population & uint.MaxValue);
        rate = probability is > 0 and <= 1 ? (uint)Math.Min(Math.Round(1 / probability), uint.MaxValue) : rate;
        return rate == 0 || (hasSelector ? SetSelector(selector, rate, limit) : hasLink ? SetInterface(link, rate, limit) : SetDomain(rate));
    }

    internal bool SetSelector(ulong selector, uint rate, int limit) => Set(_selectors, selector, rate, limit);

    internal bool SetInterface(ulong link, uint rate, int limit) => Set(_interfaces, link, rate, limit);

    internal bool SetSequence(ulong sequence, ulong[] selectors, int limit) => Set(_sequences, sequence, selectors, limit);

    internal bool SetDomain(uint rate)
    {
        _domain = rate;
        DomainRate = rate;
        return true;
    }

    private bool Set<T>(Dictionary<ulong, T> table, ulong key, T value, int limit)
    {
        if (Count >= limit && !table.ContainsKey(key))
        {
            return false;
        }

        table[key] = value;
        DomainRate = _domain != 0 ? _domain : OnlyRate();
        return true;
    }

    private uint OnlyRate()
    {
        uint only = 0;
        foreach (uint rate in _selectors.Values.Concat(_interfaces.Values))
        {
            if (only != 0 && rate != only)
            {
                return 0;
            }

            only = rate;
        }

        return only;
    }
}
