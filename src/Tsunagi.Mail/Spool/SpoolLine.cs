using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Spool;

/// <summary>
/// Messages of the spool that wait for somebody within the node. The scheduler puts an id in instead of delivering it, at acceptance, at a start and when the spool was opened
/// again; whom they wait for takes them out. Ids only, each once: a few octets for each. Thread-safe.
/// </summary>
internal class SpoolLine
{
    private readonly Lock _gate = new();
    private readonly Queue<SpoolId> _waiting = new();
    private readonly HashSet<SpoolId> _known = [];
    private readonly CoalescedSignal _signal = new();

    /// <summary>Those that are not done yet.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _known.Count;
            }
        }
    }

    /// <summary>Nothing happens when it is known already.</summary>
    public void Add(SpoolId id)
    {
        lock (_gate)
        {
            if (!_known.Add(id))
            {
                return;
            }

            _waiting.Enqueue(id);
        }

        _signal.Pulse();
    }

    /// <summary>The next ones, oldest first. Each is either <see cref="Done"/> or <see cref="PutBack"/> afterwards.</summary>
    public List<SpoolId> Take(int most)
    {
        var taken = new List<SpoolId>();
        lock (_gate)
        {
            while (taken.Count < most && _waiting.TryDequeue(out var id))
            {
                taken.Add(id);
            }
        }

        return taken;
    }

    public void Done(SpoolId id)
    {
        lock (_gate)
        {
            _known.Remove(id);
        }
    }

    /// <summary>To be tried again, behind the others.</summary>
    public void PutBack(SpoolId id)
    {
        lock (_gate)
        {
            _waiting.Enqueue(id);
        }
    }

    /// <summary>Returns when something was added, or after <paramref name="atMost"/>.</summary>
    public ValueTask WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken) => _signal.WaitAsync(atMost, time, cancellationToken);
}
