namespace Tsunagi.Connectivity.Probes;

/// <summary>A path was lost or came back.</summary>
/// <param name="State"><see cref="ProbeState.Lost"/> or <see cref="ProbeState.Up"/>.</param>
/// <param name="At">When the first test packet was sent that was lost, or came back: µs since 1970.</param>
internal readonly record struct PathChange(string State, long At);

/// <summary>Judges a path by what became of its test packets, in the order in which that is known.</summary>
internal sealed class PathJudge(int lostAfter, int backAfter, string state)
{
    private int _row;
    private bool _rowCame;
    private long _rowSince;

    public string State { get; private set; } = state;

    /// <param name="sentAt">When the packet was sent, µs since 1970.</param>
    public PathChange? Take(bool came, long sentAt)
    {
        if (_row == 0 || came != _rowCame)
        {
            (_row, _rowCame, _rowSince) = (0, came, sentAt);
        }

        _rowSince = Math.Min(_rowSince, sentAt);
        _row++;
        var becomes = came ? ProbeState.Up : ProbeState.Lost;
        if (State == becomes || _row < (came ? State == ProbeState.Unknown ? 1 : backAfter : lostAfter))
        {
            return null;
        }

        State = becomes;
        return new PathChange(becomes, _rowSince);
    }
}
