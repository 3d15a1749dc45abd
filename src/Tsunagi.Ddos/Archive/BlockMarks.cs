using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// Which records of a block a question is about, from the cheapest column to the dearest. Blocks of rolled-up rows are marked alike: they lack the columns of what is not kept, and whoever asks for those is not sent to them
/// (<see cref="FlowPlan"/>).
/// </summary>
internal sealed class BlockMarks(BlockReader reader, FlowQuestion question)
{
    private const int SlotMilliseconds = 100;

    private readonly ulong[] _numbers = new ulong[FlowBlock.Capacity];

    public bool[] IsAsked { get; } = new bool[FlowBlock.Capacity];

    public ulong[] SourcePorts { get; } = new ulong[FlowBlock.Capacity];

    public ulong[] DestinationPorts { get; } = new ulong[FlowBlock.Capacity];

    /// <summary>False when the block is damaged.</summary>
    /// <param name="isAll">Every record is asked about: <see cref="IsAsked"/> was not filled.</param>
    public bool TryMark(BlockHeader header, int count, out bool isAll, out bool isAny)
    {
        var filter = question.Filter;
        (isAll, isAny) = (true, true);
        var isPart = header.First < question.From || header.Last >= question.To;
        if (!isPart && question.Owners is null && ReferenceEquals(filter, FlowFilter.None))
        {
            return true;
        }

        isAll = false;
        var asked = IsAsked.AsSpan(0, count);
        asked.Fill(true);
        return (filter.Destination is null || TryMarkDestinations(asked)) && (question.Owners is null || TryMarkOwners(asked))
            && (!isPart || TryMarkTime(asked, header.First)) && (filter.Protocol is null || TryMarkProtocol(asked, filter.Protocol.Value)) && (filter.Exporter is null || TryMarkExporter(asked, filter.Exporter))
            && (filter.Service is null || TryMarkService(asked, filter.Service.Value)) && (filter.Source is null || TryMarkSources(asked)) && (!filter.AsksPorts || TryMarkPorts(asked)) && Any(asked, out isAny);
    }

    private static bool Any(ReadOnlySpan<bool> asked, out bool isAny)
    {
        isAny = asked.Contains(true);
        return true;
    }

    private bool TryMarkDestinations(Span<bool> asked)
    {
        var different = reader.Destinations(_numbers);
        var (at, prefix) = (0, question.Filter.Destination!.Value);
        for (var i = 0; i < different; i++)
        {
            var run = (int)_numbers[i];
            if (!Holds(prefix, reader.Addresses[i]))
            {
                asked.Slice(at, run).Clear();
            }

            at += run;
        }

        return different > 0;
    }

    private bool TryMarkSources(Span<bool> asked)
    {
        var different = reader.Sources(_numbers);
        var prefix = question.Filter.Source!.Value;
        for (var i = 0; i < asked.Length && different > 0; i++)
        {
            asked[i] &= Holds(prefix, reader.Addresses[(int)_numbers[i]]);
        }

        return different > 0;
    }

    private bool TryMarkOwners(Span<bool> asked)
    {
        if (reader.Texts(FlowColumn.OwnerNames) is not { } names || !reader.TryNumbers(FlowColumn.Owner, _numbers))
        {
            return false;
        }

        var mine = names.Select(question.Owners!.Contains).ToArray();
        for (var i = 0; i < asked.Length; i++)
        {
            asked[i] &= _numbers[i] < (ulong)mine.Length && mine[_numbers[i]];
        }

        return true;
    }

    private bool TryMarkTime(Span<bool> asked, long first)
    {
        if (!reader.TryNumbers(FlowColumn.Slot, _numbers))
        {
            return false;
        }

        for (var i = 0; i < asked.Length; i++)
        {
            var at = first + ((long)_numbers[i] * SlotMilliseconds);
            asked[i] &= at >= question.From && at < question.To;
        }

        return true;
    }

    private bool TryMarkProtocol(Span<bool> asked, byte protocol)
    {
        var read = reader.TryNumbers(FlowColumn.Protocol, _numbers);
        for (var i = 0; i < asked.Length; i++)
        {
            asked[i] &= _numbers[i] == protocol;
        }

        return read;
    }

    private bool TryMarkExporter(Span<bool> asked, string exporter)
    {
        if (reader.Texts(FlowColumn.ExporterNames) is not { } names || !reader.TryNumbers(FlowColumn.Exporter, _numbers))
        {
            return false;
        }

        var place = names.ToList().IndexOf(exporter);
        for (var i = 0; i < asked.Length; i++)
        {
            asked[i] &= place >= 0 && _numbers[i] == (ulong)place;
        }

        return true;
    }

    private bool TryMarkPorts(Span<bool> asked)
    {
        var read = TryPorts(asked.Length);
        var filter = question.Filter;
        for (var i = 0; i < asked.Length; i++)
        {
            var (from, to) = (SourcePorts[i], DestinationPorts[i]);
            asked[i] &= (filter.Port is not { } port || from == port || to == port) && (filter.SourcePort is not { } source || from == source) && (filter.DestinationPort is not { } destination || to == destination);
        }

        return read;
    }

    /// <summary>Into <see cref="SourcePorts"/> and <see cref="DestinationPorts"/>.</summary>
    public bool TryPorts(int count)
    {
        if (!reader.TryNumbers(FlowColumn.LowPort, SourcePorts) || !reader.TryNumbers(FlowColumn.HighPort, DestinationPorts) || !reader.TryNumbers(FlowColumn.IsSourceLow, _numbers))
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            if (_numbers[i] == 0)
            {
                (SourcePorts[i], DestinationPorts[i]) = (DestinationPorts[i], SourcePorts[i]);
            }
        }

        return true;
    }

    private bool TryMarkService(Span<bool> asked, uint service)
    {
        // In rolled-up rows it stands as it is.
        var read = reader.TryNumbers(FlowColumn.LowPort, _numbers);
        for (var i = 0; i < asked.Length; i++)
        {
            asked[i] &= FlowService.Of(_numbers[i]) == service;
        }

        return read;
    }

    private static bool Holds(Protocols.Flow.Bgp.BgpPrefix prefix, FlowAddress address) => address.IsIPv4 != prefix.IsIPv6 && address.Prefix(prefix.Length) == prefix.Address;
}
