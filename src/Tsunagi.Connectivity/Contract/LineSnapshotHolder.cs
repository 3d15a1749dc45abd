namespace Tsunagi.Connectivity.Contract;

/// <summary>
/// The snapshot in force on this node. The line book sets it after each change of the store; servers read it at each request. Setting never waits for readers.
/// </summary>
public sealed class LineSnapshotHolder
{
    private readonly Lock _setting = new();
    private volatile LineSnapshot _current = LineSnapshot.Empty;

    public LineSnapshot Current => _current;

    /// <summary>True once a snapshot was set, from the store or from the copy on disk: before that no request is answered.</summary>
    public bool IsFilled => !ReferenceEquals(_current, LineSnapshot.Empty);

    /// <summary>Puts a snapshot in force unless a newer one is already; the same version again replaces it.</summary>
    public bool Set(LineSnapshot snapshot)
    {
        lock (_setting)
        {
            if (IsFilled && snapshot.Version < _current.Version)
            {
                return false;
            }

            _current = snapshot;
            return true;
        }
    }
}
