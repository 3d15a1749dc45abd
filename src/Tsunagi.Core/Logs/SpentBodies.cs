namespace Tsunagi.Core.Logs;

/// <summary>
/// Body files whose item is gone, kept a while to be written again: their blocks and their name are on the disk already, so that the next long body
/// costs the file system neither. Not safe for threads of its own: <see cref="BodyFiles"/> calls it under its gate.
/// </summary>
internal sealed class SpentBodies(long maxBytes, TimeProvider time)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly LinkedList<(UInt128 Name, long Bytes, long Since)> _files = [];
    private long _bytes;

    /// <summary>False when there is no room for it: it is to be deleted.</summary>
    public bool TryKeep(UInt128 name, long bytes)
    {
        if (_bytes + bytes > maxBytes)
        {
            return false;
        }

        _files.AddLast((name, bytes, time.GetTimestamp()));
        _bytes += bytes;
        return true;
    }

    /// <summary>The one that was given up last.</summary>
    public bool TryTake(out UInt128 name)
    {
        name = _files.Last?.Value.Name ?? default;
        return Drop(_files.Last);
    }

    /// <summary>One that nobody wanted for too long: it is to be deleted.</summary>
    public bool TryTakeOld(out UInt128 name)
    {
        var first = _files.First;
        name = first?.Value.Name ?? default;
        return first is not null && time.GetElapsedTime(first.Value.Since) > KeptFor && Drop(first);
    }

    private bool Drop(LinkedListNode<(UInt128 Name, long Bytes, long Since)>? file)
    {
        if (file is null)
        {
            return false;
        }

        _files.Remove(file);
        _bytes -= file.Value.Bytes;
        return true;
    }
}
