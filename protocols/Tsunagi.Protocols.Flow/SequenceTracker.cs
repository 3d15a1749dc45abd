namespace Tsunagi.Protocols.Flow;

/// <summary>
/// Counts what did not arrive by the sequence numbers of one domain. The unit is the protocol's: flows for NetFlow v5, datagrams for NetFlow
/// v9 and sFlow, data records for IPFIX.
/// </summary>
public struct SequenceTracker
{
    // Farther than datagrams overtake each other, and than a burst of them is lost.
    private const int FarBehind = 1_024;
    private const int FarAhead = 1 << 17;

    private bool _started;
    private bool _unsure;
    private uint _expected;

    /// <summary>What is missing so far, less what arrived late.</summary>
    public ulong Lost { get; private set; }

    /// <summary>What came as it should.</summary>
    public ulong Received { get; private set; }

    /// <summary>Datagrams that came behind a later one.</summary>
    public ulong OutOfOrder { get; private set; }

    /// <summary>Jumps larger than the window, or farther back than datagrams overtake each other: the exporter started again, or someone forges its datagrams.</summary>
    public ulong Restarts { get; private set; }

    /// <summary>Jumps that neither loss nor another way through the network explains, in either direction: a restart makes one, datagrams of somebody else two each time.</summary>
    public ulong Strays { get; private set; }

    /// <summary>The number that should come next.</summary>
    public readonly uint Expected => _expected;

    /// <summary>
    /// Notes a datagram. <paramref name="count"/> is what it adds to the number; <paramref name="unsure"/> says that this is not known,
    /// because a part of it could not be read, and then the next jump is no loss.
    /// </summary>
    /// <returns>How many units before this datagram were found missing.</returns>
    public uint Note(uint sequence, uint count, uint window, bool unsure = false)
    {
        uint missing = 0;
        int jump = unchecked((int)(sequence - _expected));
        Received += count;
        Strays += _started && !_unsure && (jump > FarAhead || jump < -FarBehind) ? 1UL : 0;
        if (!_started || _unsure)
        {
            _started = true;
        }
        else if (jump > 0 && (uint)jump <= window)
        {
            missing = (uint)jump;
            Lost += missing;
        }
        else if (jump < 0 && jump >= -FarBehind && (uint)-(long)jump <= window)
        {
            OutOfOrder++;
            Lost -= Math.Min(Lost, count);
            return 0; // what should come next is not changed by what came late
        }
        else if (jump != 0)
        {
            Restarts++;
        }

        _unsure = unsure;
        _expected = unchecked(sequence + count);
        return missing;
    }
}
