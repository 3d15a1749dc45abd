using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>
/// The last hour of a box by the minute, in 1,088 octets: for each minute CPU and memory in per cent and what went in and out of four interfaces. Rates are the upper half of a 32-bit floating number: right to
/// one part in 256, which is less than a chart shows.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct HeartbeatMinutes
{
    public const int Length = 60;
    public const int Interfaces = 4;
    public const byte NoPercent = 255;
    private const ushort NoRate = 0xFFFF;
    private Cells _cells;

    /// <summary>The newest minute (since 1970); 0 before the first.</summary>
    public long Newest { get; private set; }

    /// <summary>Makes room for a minute; those between it and the newest had no heartbeat. False for one before the newest.</summary>
    public bool Begin(long minute)
    {
        if (minute < Newest)
        {
            return false;
        }

        for (var gap = Newest == 0 ? minute - Length + 1 : Math.Max(Newest + 1, minute - Length + 1); gap <= minute; gap++)
        {
            _cells[(int)(gap % Length)] = HeartbeatMinute.None;
        }

        Newest = minute;
        return true;
    }

    /// <summary>What is known of the newest minute.</summary>
    [UnscopedRef]
    public ref HeartbeatMinute Now => ref _cells[(int)(Newest % Length)];

    /// <summary>A minute of the hour before the newest; nothing for others.</summary>
    public readonly HeartbeatMinute At(long minute) => Newest == 0 || minute > Newest || minute <= Newest - Length ? HeartbeatMinute.None : _cells[(int)(minute % Length)];

    /// <summary>As it is kept: base64 of the cells.</summary>
    public readonly string ToText() => Convert.ToBase64String(MemoryMarshal.AsBytes((ReadOnlySpan<HeartbeatMinute>)_cells));

    /// <summary>What <see cref="ToText"/> gave; empty for a text of another make.</summary>
    public static HeartbeatMinutes Of(string text, long newest)
    {
        var minutes = default(HeartbeatMinutes);
        var cells = MemoryMarshal.AsBytes((Span<HeartbeatMinute>)minutes._cells);
        if (newest <= 0 || !Convert.TryFromBase64String(text, cells, out var written) || written != cells.Length)
        {
            return default;
        }

        minutes.Newest = newest;
        return minutes;
    }

    /// <summary>Bits per second, as few bits as a chart needs; null for none.</summary>
    internal static ushort Pack(double? rate) => rate is not { } known || double.IsNaN(known) ? NoRate : (ushort)(BitConverter.SingleToUInt32Bits((float)Math.Clamp(known, 0, 1e15)) + 0x8000 >> 16);

    internal static double? Unpack(ushort rate) => rate == NoRate ? null : BitConverter.UInt32BitsToSingle((uint)rate << 16);

    [InlineArray(Length)]
    private struct Cells
    {
        private HeartbeatMinute _first;
    }
}

/// <summary>One minute.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct HeartbeatMinute
{
    public byte Cpu;
    public byte Memory;
    private Rates _in;
    private Rates _out;

    public static HeartbeatMinute None
    {
        get
        {
            var none = new HeartbeatMinute { Cpu = HeartbeatMinutes.NoPercent, Memory = HeartbeatMinutes.NoPercent };
            for (var i = 0; i < HeartbeatMinutes.Interfaces; i++)
            {
                none.Set(i, null, null);
            }

            return none;
        }
    }

    public void Set(int at, double? inRate, double? outRate) => (_in[at], _out[at]) = (HeartbeatMinutes.Pack(inRate), HeartbeatMinutes.Pack(outRate));

    public readonly double? In(int at) => HeartbeatMinutes.Unpack(_in[at]);

    public readonly double? Out(int at) => HeartbeatMinutes.Unpack(_out[at]);

    [InlineArray(HeartbeatMinutes.Interfaces)]
    private struct Rates
    {
        private ushort _first;
    }
}
