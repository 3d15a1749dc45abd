namespace Tsunagi.Ddos.Detect;

/// <summary>The destination ports of the newest packets of a kind, and the one that most of them go to. Of a fixed size; nothing of it depends on where a count began.</summary>
internal sealed class RecentPorts
{
    public const int Kept = 64;

    private const int MostOfRecord = Kept / 4;

    private readonly ushort[] _ports = new ushort[Kept];
    private int _next;
    private int _count;

    /// <param name="packets">So many packets of one record went there: it counts as that many, up to a quarter of all that are kept, so that what else comes is not forgotten by it.</param>
    public void Add(ushort port, ulong packets = 1)
    {
        var count = (int)Math.Clamp(packets, 1UL, MostOfRecord);
        var upToEnd = Math.Min(count, Kept - _next);
        _ports.AsSpan(_next, upToEnd).Fill(port);
        _ports.AsSpan(0, count - upToEnd).Fill(port);
        _next = (_next + count) % Kept;
        _count = Math.Min(Kept, _count + count);
    }

    /// <summary>The port that comes most often, and the part of all that has it.</summary>
    public (ushort Port, double Part) Most
    {
        get
        {
            Span<ushort> sorted = stackalloc ushort[Kept];
            sorted = sorted[.._count];
            _ports.AsSpan(0, _count).CopyTo(sorted);
            sorted.Sort();
            var (most, port, run) = (0, (ushort)0, 0);
            for (var i = 0; i < sorted.Length; i++)
            {
                run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
                (most, port) = run > most ? (run, sorted[i]) : (most, port);
            }

            return (port, _count == 0 ? 0 : (double)most / _count);
        }
    }
}
